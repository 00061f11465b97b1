// Text: offsets, words, occurrences. Within the page offsets are UTF-16 units, as JavaScript counts; in files code points.

const SURROGATES = /[\ud800-\udfff]/;
const WORD = /[\p{L}\p{M}\p{N}]+|[^\s]/gu;
const IN_WORD = /[\p{L}\p{M}\p{N}]/u;

/** Returns [unit of each point, point of each unit] for a text, or null where the two count alike. */
function offsetTables(text) {
  if (!SURROGATES.test(text)) return null;
  const units = [];
  const points = new Uint32Array(text.length + 1);
  let unit = 0;
  for (const character of text) {
    points.fill(units.length, unit, unit + character.length);
    units.push(unit);
    unit += character.length;
  }
  points[text.length] = units.length;
  units.push(unit);
  return [units, points];
}

function toUnits(text, spans) {
  const tables = offsetTables(text);
  return tables ? spans.map((span) => ({ ...span, start: tables[0][span.start], end: tables[0][span.end] })) : spans;
}

function toPoints(text, spans) {
  const tables = offsetTables(text);
  return tables ? spans.map((span) => ({ ...span, start: tables[1][span.start], end: tables[1][span.end] })) : spans;
}

function words(text) {
  return Array.from(text.matchAll(WORD), (match) => ({ start: match.index, end: match.index + match[0].length }));
}

/** Leaves white space at the borders out, and never halves a character of two units. */
function trimmed(text, start, end) {
  const low = (at) => at > 0 && at < text.length && /[\udc00-\udfff]/.test(text[at]) && /[\ud800-\udbff]/.test(text[at - 1]);
  if (low(start)) start -= 1;
  if (low(end)) end += 1;
  while (start < end && /\s/.test(text[start])) start += 1;
  while (end > start && /\s/.test(text[end - 1])) end -= 1;
  return { start, end };
}

function nextCharacter(text, at, step) {
  const starts = Array.from(new Intl.Segmenter().segment(text.slice(Math.max(0, at - 64), at + 64)), (s) => s.index + Math.max(0, at - 64));
  starts.push(Math.min(text.length, at + 64));
  return (step > 0 ? starts.find((start) => start > at) : starts.findLast((start) => start < at)) ?? at;
}

function characterBefore(text, at) {
  return Array.from(text.slice(Math.max(0, at - 2), at)).at(-1) ?? "";
}

function characterAt(text, at) {
  return at < text.length ? String.fromCodePoint(text.codePointAt(at)) : "";
}

/** Returns where a string stands in a text; one that begins or ends with a letter or digit only as whole words. */
function occurrences(text, wanted) {
  const found = [];
  const headIsWord = IN_WORD.test(characterAt(wanted, 0));
  const tailIsWord = IN_WORD.test(characterBefore(wanted, wanted.length));
  for (let at = text.indexOf(wanted); wanted && at !== -1; at = text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    const cutsHead = headIsWord && IN_WORD.test(characterBefore(text, at));
    const cutsTail = tailIsWord && IN_WORD.test(characterAt(text, end));
    if (!cutsHead && !cutsTail && at >= (found.at(-1)?.end ?? 0)) found.push({ start: at, end });
  }
  return found;
}

/** Returns where a search phrase stands, whatever its case; offsets are those of the text itself. */
function hits(text, phrase) {
  if (!phrase) return [];
  const pattern = new RegExp(phrase.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "giu");
  return Array.from(text.matchAll(pattern), (match) => ({ start: match.index, end: match.index + match[0].length }));
}
