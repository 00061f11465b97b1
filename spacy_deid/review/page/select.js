// Select: text to mark, chosen by the mouse, or word by word with the keyboard. `from` and `to` number the words at the
// selection's fixed and moving end.

function unitOf(node, offset) {
  const range = document.createRange();
  range.setStart(element("text"), 0);
  range.setEnd(node, offset);
  return range.toString().length;
}

function pointOf(unit) {
  const walker = document.createTreeWalker(element("text"), NodeFilter.SHOW_TEXT);
  let left = unit;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (left <= node.length) return [node, left];
    left -= node.length;
  }
  return [element("text"), element("text").childNodes.length];
}

function select(selection) {
  view.selection = selection;
  document.getSelection().setBaseAndExtent(...pointOf(selection.start), ...pointOf(selection.end));
  document.getSelection().focusNode.parentElement.scrollIntoView({ block: "nearest" });
  drawDecision();
  say(`Selected: ${quoted()}`);
}

function leaveSelection() {
  view.selecting = false;
  if (!view.selection) return;
  view.selection = null;
  document.getSelection().removeAllRanges();
}

function startSelecting() {
  const all = words(note().text);
  if (!all.length) return undefined;
  view.selecting = true;
  const target = view.selection ?? view.span;
  if (!target) return select({ ...all[0], from: 0, to: 0 });
  const from = all.findIndex((word) => word.end > target.start);
  return select({ start: target.start, end: target.end, from, to: all.findLastIndex((word) => word.start < target.end) });
}

function moveSelection(key, extend) {
  const all = words(note().text);
  const { from, to } = view.selection;
  const target = { ArrowLeft: to - 1, ArrowRight: to + 1, ArrowUp: lineAway(all, to, -1), ArrowDown: lineAway(all, to, 1) }[key];
  if (!all[target]) return;
  const fixed = extend ? from : target;
  const [first, last] = [all[Math.min(fixed, target)], all[Math.max(fixed, target)]];
  select({ start: first.start, end: last.end, from: fixed, to: target });
}

function moveByCharacter(step) {
  const { start, end, from, to } = view.selection;
  const { text } = note();
  const moved = to >= from ? { start, end: nextCharacter(text, end, step) } : { start: nextCharacter(text, start, step), end };
  if (moved.start < moved.end) select({ ...moved, from, to });
}

/** Returns the first word of the line after, or before, the one that a word stands on. */
function lineAway(all, at, step) {
  const lineOf = (word) => note().text.slice(0, word.start).split("\n").length;
  const line = lineOf(all[at]);
  if (step > 0) return all.findIndex((word, index) => index > at && lineOf(word) > line);
  const last = all.findLastIndex((word, index) => index < at && lineOf(word) < line);
  return last === -1 ? -1 : all.findIndex((word) => lineOf(word) === lineOf(all[last]));
}

/** Takes over what the mouse selected in the note. */
function takeSelection() {
  const selection = document.getSelection();
  if (selection.isCollapsed || !element("text").contains(selection.anchorNode) || !element("text").contains(selection.focusNode)) return false;
  const ends = [unitOf(selection.anchorNode, selection.anchorOffset), unitOf(selection.focusNode, selection.focusOffset)].sort((a, b) => a - b);
  const place = trimmed(note().text, ...ends);
  if (place.start >= place.end) return false;
  view.selection = { ...place, from: 0, to: 0 };
  startSelecting();
  return true;
}
