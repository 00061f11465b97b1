"""Surrogates in the frame of their values: "Lugnås äldreboende" becomes "Almgårdens äldreboende", "avd 32" "avd 57".

A word that says what a place, unit or organisation is tells nobody which one it is. It stays where it stands, so that
the surrogate reads as its value did; only names and numbers are drawn. Such words are the ``[[frames]]`` of
lang/<code>/surrogates.toml::

    [[frames]]
    category = "CARE_UNIT"
    words = '''äldreboende(?:t)?|servicehus(?:et)?'''  # whole words that stay
    name = "home_called"                               # the rule for the names before or after them
    endings = '''gården|hemmet'''                      # optional: of compounds, which stay as well ...
    start = "home_start"                               # ... and the rule for what these begin with
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import groupby
from operator import itemgetter
from random import Random

from spacy_deid.lang.tables import read_table
from spacy_deid.surrogates.draw import Draw, NoSurrogateError, in_case_of

DrawPart = Callable[[str, str, Random], str]  # in the place of a part of a value, by a rule

_PART = re.compile(r"(?P<number>\d+)|(?P<word>[^\W\d_]+(?:[-:'’][^\W\d_]+)*)|(?P<between>[\W_]+)")
_LETTERS_OF_NUMBER = re.compile(
    r"(?<=[0-9])[^\W\d_]{1,2}(?![\w-])|(?<![\w-])[^\W\d_]{1,2}(?=[0-9])|(?<=[0-9] )[A-H](?!\w)"
)
_LETTERS = "ABCDEFGH"  # of entrances, wards and classes
_DRAWS = 50


@dataclass(frozen=True, slots=True)
class Drawing:
    """What draws names, names that may be genitives (they stand before another word), and beginnings of compounds."""

    name: DrawPart
    name_before_word: DrawPart
    start: DrawPart


@dataclass(frozen=True, slots=True)
class _Frame:
    words: re.Pattern[str]
    name: str
    endings: re.Pattern[str] | None
    start: str

    def keeps(self, word: str) -> bool:
        """Whether all of a word, or its ending, stays."""
        return self.words.fullmatch(word) is not None or bool(self.ending(word))

    def ending(self, word: str) -> str:
        """Return the ending of a compound, "" where a word is none."""
        match = self.endings and self.endings.fullmatch(word)
        return match["ending"] if match else ""


def framed(text: str, category: str, lang: str, drawing: Drawing) -> Draw | None:
    """Return what draws a surrogate in the frame of ``text``; None where it has none, or nothing besides.

    drawing: draws the parts that do not stay.
    """
    frames, kept = _frames(category, lang)
    words = [match["word"] for match in _PART.finditer(text) if match["word"]]
    frame = next((frame for frame in frames if any(map(frame.keeps, words))), None)
    if frame is None:
        return None
    parts = list(_parts(text, (frame, *frames), kept, drawing))
    if all(isinstance(part, str) for part in parts):
        return None
    return lambda rng: "".join(part if isinstance(part, str) else part(rng) for part in parts)


def _unlike(old: str, draw: Draw, rng: Random) -> str:
    """Return the first draw that is not ``old``: no part of a value may stay what it was."""
    for _ in range(_DRAWS):
        drawn = draw(rng)
        if drawn.casefold() != old.casefold():
            return drawn
    raise NoSurrogateError


def _parts(text: str, frames: Sequence[_Frame], kept: re.Pattern[str], drawing: Drawing) -> Iterator[str | Draw]:
    """Yield what stays and what draws the rest; words of a name with a space between them are one name."""
    letters = {match.start() for match in _LETTERS_OF_NUMBER.finditer(text)}
    kinds = [(_kind(match, letters, frames, kept), match[0]) for match in _PART.finditer(text)]
    for place in range(1, len(kinds) - 1):
        if kinds[place][1] == " " and kinds[place - 1][0] == kinds[place + 1][0] == "name":
            kinds[place] = ("name", " ")
    groups = [(kind, [word for _, word in group]) for kind, group in groupby(kinds, key=itemgetter(0))]
    for place, (kind, words) in enumerate(groups):
        if kind == "name":
            name = "".join(words)
            draw = drawing.name if place == len(groups) - 1 else drawing.name_before_word
            yield partial(_unlike, name, partial(draw, name, frames[0].name))
        elif kind == "number":
            yield from (partial(_unlike, word, partial(_number, word)) for word in words)
        elif kind == "letters":
            yield from (partial(_unlike, word, partial(_letters, word)) for word in words)
        elif kind == "compound":
            for word in words:
                yield from _compound(word, frames, drawing.start)
        else:
            yield "".join(words)


def _kind(match: re.Match[str], letters: set[int], frames: Sequence[_Frame], kept: re.Pattern[str]) -> str:
    if match["number"]:
        return "number"
    if match["between"]:
        return "between"
    if match.start() in letters:
        return "letters"
    if kept.fullmatch(match[0]) or any(frame.words.fullmatch(match[0]) for frame in frames):
        return "kept"
    return "compound" if any(frame.ending(match[0]) for frame in frames) else "name"


def _compound(word: str, frames: Sequence[_Frame], draw_start: DrawPart) -> Iterator[str | Draw]:
    frame = next(frame for frame in frames if frame.ending(word))
    ending = frame.ending(word)
    start = word.removesuffix(ending)
    yield partial(_unlike, start, partial(draw_start, start, frame.start))
    yield ending


def _number(old: str, rng: Random) -> str:
    """Return a number of as many digits, without a zero in front."""
    low = 10 ** (len(old) - 1)
    return str(low + rng.randrange(9 * low))


def _letters(old: str, rng: Random) -> str:
    return in_case_of(old * 2, "".join(rng.choice(_LETTERS) for _ in old))


@cache
def _frames(category: str, lang: str) -> tuple[Sequence[_Frame], re.Pattern[str]]:
    """Return the frames of a category, and the words that stay in all of them but make none."""
    table = read_table(lang, "surrogates.toml")
    entries = [entry for entry in table.get("frames", []) if entry["category"] == category]
    frames = [
        _Frame(
            _pattern(entry["words"]),
            entry["name"],
            _pattern(rf"[^\W\d_]{{2,}}?(?P<ending>{entry['endings']})") if "endings" in entry else None,
            entry.get("start", ""),
        )
        for entry in entries
    ]
    return frames, _pattern(table["kept"].get(category, ""))


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.VERBOSE)
