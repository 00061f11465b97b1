// View: draws one note, its spans and the list of notes; reads no key and changes no decision.

const HIDDEN = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g; // what can hide or turn text around

const element = (id) => document.getElementById(id);

function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  const { data = {}, aria = {}, ...plain } = properties;
  Object.assign(made, plain);
  Object.assign(made.dataset, data);
  for (const [name, value] of Object.entries(aria)) made.setAttribute(name === "role" ? "role" : `aria-${name}`, value);
  made.append(...children);
  return made;
}

/** Draws the text in pieces cut at every border, so that overlapping spans and search hits need no nesting. */
function drawText(note, { spans, current, found, categoryOf }) {
  const hidden = Array.from(note.text.matchAll(HIDDEN), (match) => ({ start: match.index, end: match.index + 1 }));
  const cuts = new Set([0, note.text.length]);
  for (const { start, end } of [...spans, ...found, ...hidden]) cuts.add(start).add(end);
  const borders = [...cuts].sort((a, b) => a - b);
  const sweep = [...spans].sort(byPlace);
  const pieces = document.createDocumentFragment();
  let active = [];
  let next = 0;
  for (let i = 0; i + 1 < borders.length; i += 1) {
    const place = { start: borders[i], end: borders[i + 1] };
    while (next < sweep.length && sweep[next].start <= place.start) active.push(sweep[next++]);
    active = active.filter((span) => span.end > place.start);
    const text = note.text.slice(place.start, place.end);
    const hit = found.some((each) => within(place, each));
    const code = text.length === 1 && text.match(HIDDEN) ? `U+${text.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}` : "";
    if (!active.length && !hit && !code) {
      pieces.append(text);
      continue;
    }
    const piece = make("span", {}, text);
    if (hit) piece.classList.add("hit");
    if (code) Object.assign(piece.dataset, { code });
    const top = topmost(active);
    if (top) {
      piece.classList.add("span", top.decision);
      piece.classList.toggle("current", top === current);
      Object.assign(piece.dataset, { span: note.spans.indexOf(top), category: categoryOf(top.label) });
      if (top.start === place.start) piece.classList.add("begins");
      if (top.end === place.end) {
        piece.classList.add("ends");
        piece.dataset.label = top.label;
      }
    }
    pieces.append(piece);
  }
  element("text").replaceChildren(pieces);
}

/** The shortest of the spans over a place, a rejected one only where there is no other. */
function topmost(spans) {
  const live = spans.filter((span) => span.decision !== "rejected");
  return (live.length ? live : spans).reduce((a, b) => (a && a.end - a.start <= b.end - b.start ? a : b), null);
}

function drawSpans(note, shown, current, categoryOf) {
  const items = shown.map((span) => {
    const about = [span.decision, span.source, span.score === null ? "" : span.score.toFixed(2)].filter(Boolean).join(" · ");
    return make(
      "li",
      {
        id: `span-${note.spans.indexOf(span)}`,
        className: `item ${span.decision}`,
        data: { span: note.spans.indexOf(span), category: categoryOf(span.label) },
        aria: { role: "option", selected: String(span === current) },
      },
      make("span", { className: "label" }, span.label),
      make("bdi", { className: "quote" }, note.text.slice(span.start, span.end)),
      make("span", { className: "about" }, about),
    );
  });
  element("spans").replaceChildren(...items);
  if (current) element("spans").setAttribute("aria-activedescendant", `span-${note.spans.indexOf(current)}`);
  else element("spans").removeAttribute("aria-activedescendant");
  element("no-spans").hidden = items.length > 0;
  element("spans").querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
}

function drawNotes(notes, listed, at) {
  const items = listed.map((index) => {
    const { id, spans, done } = notes[index];
    const open = spans.filter((span) => span.decision === "open").length;
    const state = done ? "read" : open ? `${open} open` : "decided";
    return make(
      "li",
      {},
      make(
        "button",
        { type: "button", className: done ? "note done" : "note", data: { note: index }, aria: index === at ? { current: "true" } : {} },
        make("bdi", { className: "name" }, id),
        make("span", { className: "state" }, state),
      ),
    );
  });
  element("notes").replaceChildren(...items);
  element("no-notes").hidden = items.length > 0;
  element("notes").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}

function drawProgress(notes, dirty) {
  const spans = notes.flatMap((note) => note.spans);
  const decided = spans.filter((span) => span.decision !== "open").length;
  const done = notes.filter((note) => note.done).length;
  element("progress").max = Math.max(1, spans.length + notes.length);
  element("progress").value = decided + done;
  element("progress-text").textContent = `${done} of ${notes.length} notes read, ${decided} of ${spans.length} spans decided`;
  element("unsaved").hidden = !dirty;
}
