"""Surrogates in the frame of their values: "Lugnås äldreboende" becomes "Almgårdens äldreboende", "avd 32" "avd 57".

A word for the kind of a place, unit or organisation does not identify it. It stays, so that the surrogate reads like
its value; only names and numbers are drawn. Such words are the ``[[frames]]`` of lang/<code>/surrogates.toml::

    [[frames]]
    category = "CARE_UNIT"
    words = '''äldreboende(?:t)?|servicehus(?:et)?'''  # whole words that stay
    name = "home_called"                               # the rule for the names before or after them
    endings = '''gården|hemmet'''                      # optional: endings of compounds, which also stay ...
    start = "home_start"                               # ... and the rule for the beginnings of these
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from random import Random
from typing import Literal

from spacy_deid.lang.pack import pack_of
from spacy_deid.surrogates.context import Draw, NoSurrogateError, in_case_of
from spacy_deid.surrogates.rules import kept_words

_PART = re.compile(r"(?P<number>\d+)|(?P<word>[^\W\d_]+(?:[-:'’][^\W\d_]+)*)|(?P<between>[\W_]+)")
_LETTERS_OF_NUMBER = re.compile(
    r"(?<=[0-9])[^\W\d_]{1,2}(?![\w-])|(?<![\w-])[^\W\d_]{1,2}(?=[0-9])|(?<=[0-9] )[A-H](?!\w)"
)
_LETTERS = "ABCDEFGH"
_DRAWS = 50


@dataclass(frozen=True, slots=True)
class Gap:
    """A part of a value that is replaced. A name before another word may be a genitive; a start begins a compound."""

    text: str
    kind: Literal["number", "letters", "name", "name before word", "start"]
    rule: str = ""  # draws a name or start


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
        """Return the ending of a compound, "" for any other word."""
        match = self.endings and self.endings.fullmatch(word)
        return match["ending"] if match else ""


def frame_of(text: str, category: str, lang: str) -> Sequence[str | Gap]:
    """Split a value into the words that stay and the gaps between them.

    Args:
        text: the value.
        category: its category.
        lang: code of the language pack.

    Returns:
        The words as text, and the gaps; nothing if no word stays, or all do.
    """
    frames = _frames(category, lang)
    words = [match["word"] for match in _PART.finditer(text) if match["word"]]
    frame = next((frame for frame in frames if any(map(frame.keeps, words))), None)
    if frame is None:
        return []
    parts = list(_parts(text, (frame, *frames), _pattern(kept_words(category, lang))))
    return parts if any(isinstance(part, Gap) for part in parts) else []


def draw_unlike(old: str, draw: Draw, rng: Random) -> str:
    """Return the first draw other than the old text: no part of a value may stay the same.

    Args:
        old: the text to replace.
        draw: draws a text.
        rng: passed to ``draw``.

    Raises:
        NoSurrogateError: after too many draws of the old text.
    """
    for _ in range(_DRAWS):
        drawn = draw(rng)
        if drawn.casefold() != old.casefold():
            return drawn
    raise NoSurrogateError


def other_number(old: str, rng: Random) -> str:
    """Return a number of as many digits, without a leading zero."""
    low = 10 ** (len(old) - 1)
    return str(low + rng.randrange(9 * low))


def other_letters(old: str, rng: Random) -> str:
    """Return as many letters, of those used for entrances, wards and classes."""
    return in_case_of(old * 2, "".join(rng.choice(_LETTERS) for _ in old))


def _parts(text: str, frames: Sequence[_Frame], kept: re.Pattern[str]) -> Iterator[str | Gap]:
    """Yield the parts that stay and the gaps; words of a name with a space between them are one name."""
    letters = {match.start() for match in _LETTERS_OF_NUMBER.finditer(text)}
    kinds = [(_kind(match, letters, frames, kept), match[0]) for match in _PART.finditer(text)]
    for place in range(1, len(kinds) - 1):
        if kinds[place][1] == " " and kinds[place - 1][0] == kinds[place + 1][0] == "name":
            kinds[place] = ("name", " ")
    groups = [(kind, [word for _, word in group]) for kind, group in groupby(kinds, key=itemgetter(0))]
    for place, (kind, words) in enumerate(groups):
        if kind == "name":
            is_last = place == len(groups) - 1
            yield Gap("".join(words), "name" if is_last else "name before word", frames[0].name)
        elif kind == "number":
            yield from (Gap(word, "number") for word in words)
        elif kind == "letters":
            yield from (Gap(word, "letters") for word in words)
        elif kind == "compound":
            for word in words:
                yield from _compound(word, frames)
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


def _compound(word: str, frames: Sequence[_Frame]) -> Iterator[str | Gap]:
    frame = next(frame for frame in frames if frame.ending(word))
    ending = frame.ending(word)
    yield Gap(word.removesuffix(ending), "start", frame.start)
    yield ending


@cache
def _frames(category: str, lang: str) -> Sequence[_Frame]:
    return [
        _Frame(
            _pattern(entry["words"]),
            entry["name"],
            _pattern(rf"[^\W\d_]{{2,}}?(?P<ending>{entry['endings']})") if "endings" in entry else None,
            entry.get("start", ""),
        )
        for entry in pack_of(lang).table("surrogates.toml").get("frames", [])
        if entry["category"] == category
    ]


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.VERBOSE)
