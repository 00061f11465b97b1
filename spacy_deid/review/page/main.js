// Main: what is looked at, and what keys and clicks do about it.

const input = JSON.parse(element("input").textContent);
const store = new Store(input.notes);
const SCOPES = ["place", "note", "notes"];
const view = { note: 0, span: null, scope: "place", arrived: false, selection: null, selecting: false, find: "", only: "all", source: "", below: 1.01 };
const filters = () => view.only !== "all" || view.source !== "" || view.below <= 1;
const note = () => store.notes[view.note];
const categoryOf = (label) => input.labels.find(({ name }) => name === label)?.category ?? "OTHER";

function shownIn({ spans }) {
  return spans.filter(
    (span) =>
      (view.only === "all" || span.decision === view.only) &&
      (!view.source || span.source === view.source) &&
      (view.below > 1 || (span.score !== null && span.score < view.below)),
  );
}

function listed() {
  const all = store.notes.map((_, index) => index);
  return all.filter((index) => {
    const each = store.notes[index];
    if (view.find && !hits(each.text, view.find).length && !each.id.includes(view.find)) return false;
    return !filters() || shownIn(each).length > 0;
  });
}

function draw() {
  const shown = shownIn(note());
  if (view.span && !note().spans.includes(view.span)) view.span = null;
  drawText(note(), { spans: note().spans, current: view.span, found: hits(note().text, view.find), categoryOf });
  drawSpans(note(), shown, view.span, categoryOf);
  drawNotes(store.notes, listed(), view.note);
  drawProgress(store.notes, store.dirty);
  drawDecision();
  element("note-id").textContent = note().id;
  element("done").setAttribute("aria-pressed", String(note().done));
  for (const [id, steps] of [["undo", store.past], ["redo", store.future]]) element(id).disabled = !steps.length;
}

function drawDecision() {
  const wanted = quoted();
  const target = view.selection ?? view.span;
  element("quote").textContent = wanted || "Select a span, or text to mark";
  element("quote").classList.toggle("none", !wanted);
  for (const id of ["accept", "reject"]) element(id).disabled = !view.span || Boolean(view.selection);
  element("pick").disabled = !target;
  element("pick").firstChild.textContent = view.selection ? "Mark as " : "Relabel ";
  const every = store.notes.map(({ text }) => occurrences(text, wanted).length);
  const here = every[view.note] ?? 0;
  const all = every.reduce((sum, count) => sum + count, 0);
  element("in-note").textContent = wanted ? `every equal string in this note (${here})` : "every equal string in this note";
  element("in-notes").textContent = wanted ? `in all notes (${all} in ${every.filter(Boolean).length})` : "in all notes";
  for (const scope of SCOPES) element(`scope-${scope}`).checked = view.scope === scope;
  document.body.classList.toggle("wide-scope", view.scope !== "place");
  document.body.classList.toggle("selecting", view.selecting);
}

function say(message) {
  element("status").textContent = message;
}

function quoted() {
  const target = view.selection ?? view.span;
  return target ? note().text.slice(target.start, target.end) : "";
}

// ---- where we are

function toNote(index, span = null) {
  view.note = index;
  view.scope = "place";
  leaveSelection();
  view.span = span;
  view.arrived = false;
  element("paper").scrollTop = 0;
  draw();
  showCurrent();
}

function toSpan(span) {
  leaveSelection();
  view.span = span;
  view.arrived = false;
  draw();
  showCurrent();
  say(`${span.label}, ${quoted()}, ${span.decision}, ${shownIn(note()).indexOf(span) + 1} of ${shownIn(note()).length}`);
}

function showCurrent() {
  element("text").querySelector(".current")?.scrollIntoView({ block: "nearest" });
}

function stepSpan(step) {
  const shown = shownIn(note());
  const at = shown.indexOf(view.span);
  const next = at === -1 ? (step > 0 ? shown[0] : shown.at(-1)) : shown[at + step];
  if (next) toSpan(next);
  else say(shown.length ? "No further span in this note" : "No span is shown in this note");
}

function stepNote(step) {
  const indices = listed();
  const next = step > 0 ? indices.find((index) => index > view.note) : indices.findLast((index) => index < view.note);
  if (next === undefined) say("No further note");
  else toNote(next);
}

function nextOpen() {
  // where a decision has gone on to the next span already, it is that one
  const after = note().spans.indexOf(view.span) + (view.arrived ? 0 : 1);
  const inOrder = [...listed().filter((i) => i >= view.note), ...listed().filter((i) => i < view.note), view.note];
  for (const [turn, index] of inOrder.entries()) {
    const each = store.notes[index];
    const from = turn === 0 && index === view.note ? after : 0;
    const open = shownIn(each).find((span) => span.decision === "open" && each.spans.indexOf(span) >= from);
    if (open) {
      if (index !== view.note) toNote(index);
      return toSpan(open);
    }
  }
  return say("No open span is left");
}

// ---- decisions

function decided(changed, nothing, goesOn = true) {
  const wide = view.scope !== "place";
  view.scope = "place";
  if (!changed) {
    draw();
    return say(nothing);
  }
  const step = store.past.at(-1);
  const notes = step.after.length;
  const what = wide ? `${step.what}: ${changedPlaces(step)} in ${notes} ${notes > 1 ? "notes" : "note"}` : step.what;
  if (goesOn) goOn();
  draw();
  showCurrent();
  return say(what);
}

// to the next open span of this note, never to another note: its text is to be read first
function goOn() {
  const after = note().spans.indexOf(view.span);
  const open = shownIn(note()).filter((span) => span.decision === "open");
  const next = open.find((span) => note().spans.indexOf(span) > after) ?? open[0];
  if (next) Object.assign(view, { span: next, arrived: true });
}

function changedPlaces({ before, after }) {
  const fresh = (one, other) => one.spans.filter((span) => !other.spans.includes(span)).length;
  return after.reduce((sum, [, state], i) => sum + Math.max(fresh(state, before[i][1]), fresh(before[i][1], state)), 0);
}

const inScope = () => (view.scope === "notes" ? store.notes.map((_, index) => index) : [view.note]);

function follow(place) {
  const there = note().spans.filter((span) => samePlace(span, place));
  view.span = there.find((span) => span.decision !== "rejected") ?? there[0] ?? null;
}

function accept() {
  if (!view.span || view.selection) return;
  const span = view.span;
  const changed = view.scope === "place" ? store.accept(view.note, span) : store.addEvery(inScope(), quoted(), span.label);
  follow(span);
  decided(changed, "Nothing to accept");
}

function reject() {
  if (!view.span || view.selection) return;
  const span = view.span;
  const changed = view.scope === "place" ? store.reject(view.note, span) : store.rejectEvery(inScope(), quoted());
  follow(span);
  decided(changed, "Nothing to reject");
}

function label(name) {
  const target = view.selection ?? view.span;
  if (!target) return;
  const wanted = quoted();
  let changed = false;
  if (view.scope !== "place") changed = store.addEvery(inScope(), wanted, name);
  else if (view.selection) changed = store.add(view.note, target, name);
  else changed = store.relabel(view.note, target, name);
  const goesOn = !view.selection;
  leaveSelection();
  follow(target);
  decided(changed, "Nothing to mark: it is covered already", goesOn);
}

function toggleDone() {
  const open = note().spans.filter((span) => span.decision === "open").length;
  if (!note().done && open) {
    say(`${open} open: decide on them first, or accept them all by Shift+Enter`);
    return;
  }
  const done = !note().done;
  store.setDone(view.note, done);
  draw();
  if (done) stepNote(1);
}

function travel(step, verb) {
  if (!step) return;
  leaveSelection();
  const [index] = step.before[0];
  const stays = step.before.some(([each]) => each === view.note);
  if (!stays) view.note = index;
  if (stays && view.span) follow(view.span);
  draw();
  say(`${verb}: ${step.what}`);
}

function cycleScope() {
  view.scope = SCOPES[(SCOPES.indexOf(view.scope) + 1) % SCOPES.length];
  drawDecision();
  say(`The next decision is for ${{ place: "this place", note: "every equal string in this note", notes: "every equal string in all notes" }[view.scope]}`);
}
