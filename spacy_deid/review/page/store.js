// Store: the notes, every decision on them as a step that can be undone, and the records that are saved.

const byPlace = (a, b) => a.start - b.start || a.end - b.end;
const overlap = (a, b) => a.start < b.end && b.start < a.end;
const within = (a, b) => b.start <= a.start && a.end <= b.end;
const samePlace = (a, b) => a.start === b.start && a.end === b.end;

class Store {
  constructor(records) {
    this.notes = records.map((record) => ({ id: record.id, group: record.group, text: record.text, ...stateOf(record, record.text) }));
    this.past = [];
    this.future = [];
    this.saved = null; // the step that was the last one when the file was written
  }

  get dirty() {
    return (this.past.at(-1) ?? null) !== this.saved;
  }

  /** Replaces the states of notes, [[index, state]...], in one step. */
  change(what, states) {
    const changes = states.filter(([, state]) => state !== null);
    if (!changes.length) return false;
    const step = { what, before: changes.map(([index]) => [index, this.state(index)]), after: changes };
    this.put(step.after);
    this.past.push(step);
    this.future = [];
    return true;
  }

  state(index) {
    const { spans, done } = this.notes[index];
    return { spans, done };
  }

  put(states) {
    for (const [index, state] of states) Object.assign(this.notes[index], state);
  }

  undo() {
    const step = this.past.pop();
    if (!step) return null;
    this.put(step.before);
    this.future.push(step);
    return step;
  }

  redo() {
    const step = this.future.pop();
    if (!step) return null;
    this.put(step.after);
    this.past.push(step);
    return step;
  }

  accept(index, span) {
    return this.replace(`accepted ${span.label}`, index, span, { ...span, decision: span.decision === "relabelled" || span.decision === "added" ? span.decision : "accepted" });
  }

  reject(index, span) {
    return this.replace(`rejected ${span.label}`, index, span, span.decision === "added" ? null : { ...span, decision: "rejected" });
  }

  relabel(index, span, label) {
    return this.replace(`relabelled ${label}`, index, span, relabelled(span, label));
  }

  replace(what, index, span, fresh) {
    const { spans, done } = this.notes[index];
    const rest = spans.filter((other) => other !== span);
    return this.change(what, [[index, { spans: fresh ? [...rest, fresh].sort(byPlace) : rest, done }]]);
  }

  /** Marks a place; what it overlaps gives way to it. */
  add(index, place, label) {
    const { spans, done } = this.notes[index];
    const next = marked(spans, place, label, true);
    return this.change(`marked ${label}`, [[index, next === spans ? null : { spans: next, done }]]);
  }

  /** Marks every equal string in the notes given, as whole words. */
  addEvery(indices, wanted, label) {
    return this.change(
      `marked every equal string ${label}`,
      indices.map((index) => {
        const { text, spans, done } = this.notes[index];
        const places = occurrences(text, wanted);
        const next = places.reduce((all, place) => marked(all, place, label, false), spans);
        return [index, next === spans ? null : { spans: next, done }];
      }),
    );
  }

  /** Rejects every span in the notes given that holds exactly this string. */
  rejectEvery(indices, wanted) {
    return this.change(
      "rejected every equal string",
      indices.map((index) => {
        const { text, spans, done } = this.notes[index];
        const equal = (span) => text.slice(span.start, span.end) === wanted && span.decision !== "rejected";
        if (!spans.some(equal)) return [index, null];
        const next = spans.filter((span) => !(equal(span) && span.decision === "added"));
        return [index, { spans: next.map((span) => (equal(span) ? { ...span, decision: "rejected" } : span)), done }];
      }),
    );
  }

  acceptOpen(index) {
    const { spans, done } = this.notes[index];
    if (!spans.some((span) => span.decision === "open")) return false;
    const accepted = spans.map((span) => (span.decision === "open" ? { ...span, decision: "accepted" } : span));
    return this.change("accepted the open ones of a note", [[index, { spans: accepted, done }]]);
  }

  setDone(index, done) {
    return this.change(done ? "marked a note as read" : "marked a note as unread", [[index, { spans: this.notes[index].spans, done }]]);
  }

  /** Takes over the notes of a saved file that are in this page, unchanged; returns [taken, left out]. */
  load(jsonl) {
    const byId = new Map(this.notes.map((note, index) => [note.id, index]));
    const states = [];
    let leftOut = 0;
    for (const line of jsonl.replace(/^\ufeff/, "").split("\n")) {
      if (!line.trim()) continue;
      const record = JSON.parse(line);
      const index = byId.get(record.id);
      if (index === undefined || this.notes[index].text !== record.text) leftOut += 1;
      else states.push([index, stateOf(record, record.text)]);
    }
    this.change("loaded a saved review", states);
    return [states.length, leftOut];
  }

  /** Returns a JSON line for each note, as `deid convert` reads it; rejected spans stand beside the others. */
  save() {
    const lines = this.notes.map(({ id, group, text, spans, done }) => {
      const saved = toPoints(text, spans).map(({ start, end, label, source, score, decision }) => ({ start, end, label, source, score, decision }));
      const rejected = saved.filter((span) => span.decision === "rejected");
      return JSON.stringify({ id, group, text, spans: saved.filter((span) => span.decision !== "rejected"), rejected, done });
    });
    return lines.map((line) => `${line}\n`).join("");
  }
}

function stateOf(record, text) {
  const span = ({ start, end, label, source = "", score = null, decision = "open" }) => ({ start, end, label, source, score, decision });
  const spans = [...record.spans, ...(record.rejected ?? [])].map(span);
  const length = Array.from(text).length;
  const whole = ({ start, end }) => Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end && end <= length;
  if (!spans.every((each) => whole(each) && typeof each.label === "string" && each.label)) throw new Error("a span is none");
  return { spans: toUnits(text, spans).sort(byPlace), done: record.done === true };
}

/**
 * Returns the spans with a place marked. One of the same place gets the label; those within the place give way to it.
 * By a person's own selection (`force`) so do those that cross it; else these stay, and a longer one that covers the
 * place makes the mark needless.
 */
function marked(spans, place, label, force) {
  const live = spans.filter((span) => span.decision !== "rejected");
  const there = live.find((span) => samePlace(span, place)) ?? spans.find((span) => samePlace(span, place));
  const inTheWay = live.filter((span) => overlap(span, place) && span !== there);
  if (!force && inTheWay.some((span) => within(place, span) && !samePlace(place, span))) return spans;
  const replaced = inTheWay.filter((span) => force || within(span, place));
  if (there && !replaced.length && there.label === label && !["open", "rejected"].includes(there.decision)) return spans;
  const kept = spans
    .filter((span) => span !== there && !(replaced.includes(span) && span.decision === "added"))
    .map((span) => (replaced.includes(span) ? { ...span, decision: "rejected" } : span));
  const fresh = there ? relabelled(there, label) : { ...place, label, source: "reviewer", score: null, decision: "added" };
  return [...kept, fresh].sort(byPlace);
}

function relabelled(span, label) {
  const decision = span.decision === "added" ? "added" : span.label === label ? "accepted" : "relabelled";
  return { ...span, label, decision };
}
