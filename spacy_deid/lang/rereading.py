"""A second reading of text that looks broken: over two lines, spaced out, or with letters in place of scanned digits.

People read ``070-123`` and ``45 67`` on the next line as one number, ``Lind-`` and ``qvist`` as one name, ``4 6 0 3``
as four digits and ``O7O`` as 070. `passages` returns such lines with the defects repaired, and `find_all` runs rules
over the text and over these lines. A match in a repaired line counts if it contains a repair and if the rule is sure
enough for that repair: the answers of a questionnaire are spaced digits too.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile

from spacy_deid.lang.recognizer import Match, Recognizer
from spacy_deid.text import View

_CONFUSED = "OoQIlZSB"  # letters that scanners confuse with digits
_AS_DIGITS = str.maketrans("OoQIl|ZSB", "000111258")
_SURE = 0.85  # the lowest score of a rule on repaired digits: its form alone identifies the number
_SURER = 0.95  # a check digit or the word before it identifies the number
_HIGH_DIGITS = "789"  # beyond a questionnaire's scale; every mobile number has one
_FEWEST_DIGITS = 3  # of a number in which letters are read as digits: "B12" and "S72" are codes

# letters of the alphabet and of Latin-1
_LOWER = "a-zß-öø-ÿ"
_UPPER = "[A-ZÀ-ÖØ-Þ]"
_HYPHEN_AT_END = re.compile(r"(?<=\w)[ ]?-[ ]?\r?\n[ \t]{0,8}+(?=\w)")
_HYPHEN_AT_BEGIN = re.compile(r"(?<=\d)[ ]?\r?\n[ ]{0,8}+(?=-\d\d)")
# a line that begins with a number may be an item of a list or a line of a log: "1. ", "14.10 "
_WRAPPED = re.compile(rf"(?<=[\w,/–])[ ]?\r?\n[ ]{{0,8}}+(?= [{_LOWER}] | \d (?! [.)][ ] | \d[.:]\d ) )", re.VERBOSE)
# a name continues on the next line if the line is full; a line that begins with a word and a colon is a heading
_FULL_LINE = 45  # characters before its last word
_CAPITALS = re.compile(
    rf"(?<![\w'’-]) {_UPPER} (?: [\w'’-]*+ | \. ) (?P<gap> [ ]?\r?\n[ ]{{0,8}}+ )"
    rf" (?= {_UPPER} (?: [\w'’-]++ (?! [ ]?: ) | \. ) )",
    re.VERBOSE,
)
_BROKEN_ADDRESS = re.compile(
    r"(?: \w@ | @[\w-]{1,40}+\. ) (\r?\n[ ]{0,8}+) (?=\w)"
    r" | (?: \w\. | \w ) (\r?\n[ ]{0,8}+) (?= @\w | [\w.-]{1,40}+@\w )",
    re.VERBOSE,
)
_REST_OF_NUMBER = re.compile(
    r"(?! (?:19|20)\d\d[-./] ) \d{2,4} (?: (?:[ /-]\d{2,4})+ (?!\d) | (?= [ ]?[.,;)]?[ ]* (?: \r?\n | $ ) ) )",
    re.VERBOSE,
)
_SPACED_LETTERS = re.compile(
    rf"(?<![^\W_]) (?: [^\W\d_] (?: [ ]{{1,3}} [^\W\d_] ){{3,}} | {_UPPER} (?: [ ] [{_LOWER}] ){{2}} ) (?![^\W_])",
    re.VERBOSE,
)
_SPACED_DIGITS = re.compile(
    rf"(?<![\w.,+-]) (?: [+(] [ ]? )?+ (?: \d | (?<! \W[A-Z][ ] ) [{_CONFUSED}] )"
    rf" (?: [ ]{{1,3}} [\d{_CONFUSED}+/.:()–-] ){{5,}} (?![^\W_])",
    re.VERBOSE,
)
_MISREAD = re.compile(
    rf"(?<![^\W_]) (?= [\d ()/.+–-]{{0,16}}+ [{_CONFUSED}|] ) [\d{_CONFUSED}]"
    rf" (?: [ ()/.+–-]{{0,2}} [\d{_CONFUSED}|] )+ (?![^\W_|])",
    re.VERBOSE,
)
_PIECE = re.compile(rf"[\d{_CONFUSED}|]+")
_ROUND_OR_STRAIGHT = re.compile("[Ool]{2,}")  # read as digits beside digits
_GAP = re.compile("[ ]+")

_SHORTEST_CODE, _LONGEST_CODE = 8, 64  # letters and digits
_END_OF_RUN = re.compile(r"[^\W_]+\Z")
_START_OF_RUN = re.compile(r"[^\W_]+")
_MIXED = re.compile(r"\d[^\W\d_]+\d|[^\W\d_]\d+[^\W\d_]")


@dataclass(frozen=True, slots=True)
class _Edit:
    """A repair: ``start`` to ``end`` of a text reads ``shown``, "" or one character.

    least: the lowest score of the rules that may use it. unless_found: whether it is only for a rule without a match at
    that place of the original text. label: whose rules may use it, "" for all.
    """

    start: int
    end: int
    shown: str
    least: float = 0.0
    unless_found: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Repaired lines of a text: the view of them, and each edit with the range that a match must contain to use it."""

    view: View
    edits: tuple[tuple[int, int, _Edit], ...]

    def find(self, recognizer: Recognizer, as_it_stands: Sequence[Match]) -> Iterator[Match]:
        """Yield a rule's matches that use an edit, placed in the text; ``as_it_stands``: those without edits."""
        if recognizer.label and recognizer.score < min(edit.least for _, _, edit in self.edits):
            return
        for match in recognizer.find(self.view.text):
            used = list(self._used(match))
            start, end = self.view.original(match.start, match.end)
            if not used or not all(match.score >= edit.least and edit.label in ("", match.label) for edit in used):
                continue
            is_new = not any(edit.unless_found for edit in used) or not any(
                other.start < end and start < other.end for other in as_it_stands
            )
            if is_new:
                yield replace(match, start=start, end=end)

    def _used(self, match: Match) -> Iterator[_Edit]:
        first = bisect_left(self.edits, match.start, key=lambda held: held[0])
        for _, end, edit in takewhile(lambda held: held[0] < match.end, islice(self.edits, first, None)):
            if end <= match.end:
                yield edit


def _whole_codes(text: str, match: Match) -> Match:
    """Return the match widened to a code in which it begins or ends: a7c0701234567def contains no phone number."""
    start, end = _code_at(text, match.start)[0], _code_at(text, match.end)[1]
    return match if (start, end) == (match.start, match.end) else replace(match, start=start, end=end)


def _code_at(text: str, place: int) -> tuple[int, int]:
    """Return the range of the code around a place of the text, or twice the place."""
    if not (text[max(0, place - 1) : place].isalnum() and text[place : place + 1].isalnum()):
        return place, place
    before = _END_OF_RUN.search(text, max(0, place - _LONGEST_CODE), place)
    after = _START_OF_RUN.match(text, place, place + _LONGEST_CODE)
    start, end = before.start() if before else place, after.end() if after else place
    return (start, end) if end - start >= _SHORTEST_CODE and _MIXED.search(text, start, end) else (place, place)


def find_all(text: str, passages: Sequence[Passage], recognizers: Iterable[Recognizer]) -> list[Match]:
    """Find the matches of rules in a text and its repaired lines.

    Args:
        text: the text as seen.
        passages: its `passages`.
        recognizers: the rules.

    Returns:
        All matches, by rule, placed in ``text``; they may overlap.
    """
    found: list[Match] = []
    for recognizer in recognizers:
        as_it_stands = list(recognizer.find(text))
        found += (_whole_codes(text, match) for match in as_it_stands)
        mended = (match for passage in passages for match in passage.find(recognizer, as_it_stands))
        found += (_whole_codes(text, match) for match in mended)
    return found


def passages(text: str) -> list[Passage]:
    """Return the lines of ``text``, as seen, that may be read in another way, each with the line before it."""
    windows: list[tuple[int, int, list[_Edit]]] = []
    for edit in _edits(text):
        if windows and edit.end <= windows[-1][1]:
            windows[-1][2].append(edit)
            continue
        start, edits = _line_before(text, edit.start), [edit]
        if windows and start <= windows[-1][1]:
            start, _, edits = windows.pop()
            edits.append(edit)
        end = text.find("\n", edit.end)
        windows.append((start, len(text) if end < 0 else end, edits))
    return [_passage(text, start, end, edits) for start, end, edits in windows]


def _line_before(text: str, at: int) -> int:
    return text.rfind("\n", 0, max(0, text.rfind("\n", 0, at))) + 1


def _passage(text: str, start: int, end: int, edits: Iterable[_Edit]) -> Passage:
    shown: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    held: list[tuple[int, int, _Edit]] = []
    for edit in [*edits, _Edit(end, end, "")]:
        shown += text[start : edit.start]
        starts += range(start, edit.start)
        ends += range(start + 1, edit.start + 1)
        here = len(shown)
        if edit.start < end:
            beside = not edit.shown.isdigit()  # a removed or closed-up gap lies between characters of the match
            held.append((here - beside, here + len(edit.shown) + beside, edit))
        shown += edit.shown
        starts += [edit.start] * len(edit.shown)
        ends += [edit.end] * len(edit.shown)
        start = edit.end
    return Passage(View("".join(shown), starts, ends), tuple(held))


def _edits(text: str) -> list[_Edit]:
    """Return the repairs of ``text``, in order, without overlaps."""
    found = sorted([*_joined_lines(text), *_closed_up(text), *_read_as_digits(text)], key=lambda edit: edit.start)
    kept: list[_Edit] = []
    for edit in found:
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def _joined_lines(text: str) -> Iterator[_Edit]:
    for end in _HYPHEN_AT_END.finditer(text):
        within_word = text[end.start() - 1].isalpha() and text[end.end()].islower()
        yield _Edit(*end.span(), "" if within_word else "-")
    for begin in _HYPHEN_AT_BEGIN.finditer(text):
        yield _Edit(*begin.span(), "")
    for broken in _BROKEN_ADDRESS.finditer(text) if "@" in text else ():
        yield _Edit(*broken.span(broken.lastindex or 0), "")
    for name in _CAPITALS.finditer(text):
        if name.start() >= _FULL_LINE and text.rfind("\n", name.start() - _FULL_LINE, name.start()) < 0:
            yield _Edit(*name.span("gap"), " ", label="NAME")
    for wrap in _WRAPPED.finditer(text):
        goes_on = not text[wrap.start() - 1].isdigit() or not text[wrap.end()].isdigit()
        shown = "" if text[wrap.start() - 1] == "/" else " "
        yield _Edit(*wrap.span(), shown, unless_found=not goes_on and not _REST_OF_NUMBER.match(text, wrap.end()))


def _closed_up(text: str) -> Iterator[_Edit]:
    for word in _SPACED_LETTERS.finditer(text):
        yield from _without_gaps(word, 0.0)
    for number in _SPACED_DIGITS.finditer(text):
        characters = number[0].replace(" ", "")
        digits = sum(map(str.isdigit, characters))
        if 2 * digits > len(characters):
            is_scale = not any(digit in characters for digit in _HIGH_DIGITS) and characters.isdigit()
            yield from _without_gaps(number, _SURER if is_scale else _SURE)
            yield from _digits_in(text, number.start(), number.end() - 1)  # a last letter is a check letter


def _without_gaps(spaced: re.Match[str], least: float) -> Iterator[_Edit]:
    """Yield edits that close up characters one space apart; wider gaps, or a capital after a letter, separate words."""
    text = spaced.string
    for gap in _GAP.finditer(text, *spaced.span()):
        parts = len(gap[0]) > 1 or (text[gap.start() - 1].islower() and text[gap.end()].isupper())
        yield _Edit(*gap.span(), " " if parts else "", least)


def _read_as_digits(text: str) -> Iterator[_Edit]:
    for number in _MISREAD.finditer(text):
        if sum(map(str.isdigit, number[0])) >= _FEWEST_DIGITS:
            for piece in _PIECE.finditer(text, *number.span()):
                if any(map(str.isdigit, piece[0])) or _ROUND_OR_STRAIGHT.fullmatch(piece[0]):
                    yield from _digits_in(text, *piece.span())


def _digits_in(text: str, start: int, end: int) -> Iterator[_Edit]:
    for at in range(start, end):
        digit = text[at].translate(_AS_DIGITS)
        if digit != text[at]:
            yield _Edit(at, at + 1, digit, _SURE)
