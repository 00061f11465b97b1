"""Noise of real notes: written in haste, on small keyboards, in systems that drop line breaks.

Noise changes the pieces of a note one by one, so that a span always remains exactly its piece.
"""

import random
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate

from spacy_deid.corpus.templates import typing_errors
from spacy_deid.corpus.templates.fill import Piece
from spacy_deid.corpus.templates.settings import NoiseRates
from spacy_deid.labels import category_of
from spacy_deid.lang.pack import pack_of

HIGHEST_LEVEL = 4.0
_WIDTHS = (38, 76)  # characters in a line of a wrapped note
_HYPHENATED = 0.15  # for each letter beyond the width at which a word can be divided
_SPELT_EXACTLY = ("EMAIL", "URL", "ID")
_NUMBERED = ("ID", "PHONE")
_NAMED = ("NAME", "LOCATION", "CARE_UNIT", "ORGANIZATION")
_SHORTEST_MISSPELT = 4  # characters of a value; two wrong letters in a shorter one leave nothing of it

_BETWEEN_DIGITS = re.compile(r"(?<=\d)[ -](?=\d)")
_WHOLE_DATE = re.compile(r"(\d+)([-./])(\d+)\2(\d+)")
_LINE_BREAK = re.compile(r"\s*\n\s*")
_BARE_LETTERS = {code: bare for code in range(0xC0, 0x180) if (bare := unicodedata.normalize("NFD", chr(code))[0])}


@dataclass(frozen=True, slots=True)
class HastyWriting:
    """Typing errors and abbreviations of a language."""

    neighbours: Mapping[str, str]  # letter -> neighbours on the keyboard
    abbreviations: Mapping[str, Sequence[str]]  # word or phrase in lower case -> its abbreviations
    phrase: re.Pattern[str]  # finds the keys of ``abbreviations``

    def abbreviated(self, text: str, rate: float, rng: random.Random) -> str:
        """Return ``text`` with the share ``rate`` of its known words and phrases abbreviated."""

        def shorten(match: re.Match[str]) -> str:
            if rng.random() >= rate:
                return match[0]
            short = rng.choice(self.abbreviations[match[0].lower()])
            if short.endswith(".") and match.string.startswith(".", match.end()):
                short = short[:-1]
            return short[0].upper() + short[1:] if match[0][0].isupper() else short

        return self.phrase.sub(shorten, text)


@cache
def hasty_writing_of(lang: str) -> HastyWriting:
    """Return the typing errors and abbreviations of a language; DeidError if its pack has no noise.toml."""
    table = pack_of(lang).table("noise.toml")
    phrases = sorted(table["abbreviations"], key=len, reverse=True)
    pattern = rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)"
    return HastyWriting(_neighbours(table["keyboard"]), table["abbreviations"], re.compile(pattern, re.IGNORECASE))


def _neighbours(rows: Sequence[str]) -> dict[str, str]:
    """Return the keys left, right, above and below of each letter."""
    padded = ["", *rows, ""]
    return {
        letter: row[max(0, at - 1) : at] + row[at + 1 : at + 2] + above[at : at + 1] + below[at : at + 1]
        for above, row, below in zip(padded, rows, padded[2:], strict=False)
        for at, letter in enumerate(row)
    }


class Noise:
    """Adds noise to the notes of a language, at the given rates."""

    def __init__(self, lang: str, rates: NoiseRates) -> None:
        self.rates = rates
        self.hasty = hasty_writing_of(lang)
        self.typo: typing_errors.TypingError = partial(typing_errors.typo, neighbours=self.hasty.neighbours)
        self.outside_values: tuple[tuple[float, typing_errors.TypingError], ...] = (
            (rates.joined_words, typing_errors.join_words),
            (rates.joined_sentences, typing_errors.join_sentences),
            (rates.double_spaces, typing_errors.double_space),
            (rates.line_breaks, typing_errors.break_line),
            (rates.dropped_marks, typing_errors.drop_mark),
            (rates.decimal_points, typing_errors.decimal_point),
        )

    def __call__(self, pieces: list[Piece], rng: random.Random) -> list[Piece]:
        """Return the pieces with noise: their number and labels stay, and none is empty."""
        if rng.random() < self.rates.clean:
            return pieces
        level = min(rng.expovariate(1), HIGHEST_LEVEL)
        pieces = [self._rewritten(piece, level, rng) for piece in pieces]
        pieces = self._mistyped(pieces, level, rng)
        return self._reformatted(self._recased(pieces, level, rng), rng)

    def _rewritten(self, piece: Piece, level: float, rng: random.Random) -> Piece:
        """Abbreviate words, or change the marks between the digits of a number."""
        text, label = piece
        if not label:
            return self.hasty.abbreviated(text, self.rates.abbreviations * level, rng), label
        if rng.random() < self.rates.separators * level:
            if category_of(label) in _NUMBERED:
                text = _BETWEEN_DIGITS.sub(rng.choice(("", " ", "-", "–")), text)
            elif whole := _WHOLE_DATE.fullmatch(text):
                text = rng.choice("-./").join(whole.group(1, 3, 4))
        return text, label

    def _mistyped(self, pieces: list[Piece], level: float, rng: random.Random) -> list[Piece]:
        texts = [text for text, _ in pieces]
        labels = [label for _, label in pieces]
        ends = list(accumulate(map(len, texts)))
        words = sum(text.count(" ") for text in texts) + 1
        for rate, error in ((self.rates.typos, self.typo), *self.outside_values):
            for _ in range(int(rate * level * words + rng.random())):
                place = int(rng.random() * ends[-1])
                n = bisect_right(ends, place)
                if not labels[n] or (error is self.typo and _may_be_misspelt(texts[n], labels[n])):
                    texts[n] = error(texts[n], place - (ends[n - 1] if n else 0), rng)
        return list(zip(texts, labels, strict=True))

    def _recased(self, pieces: list[Piece], level: float, rng: random.Random) -> list[Piece]:
        """Write lines, names or the whole note in capitals or in small letters."""
        rates = self.rates
        lines = sum(text.count("\n") for text, _ in pieces) + 1
        for _ in range(int(rates.shouted_lines * level * lines + rng.random())):
            pieces = _shouted(pieces, rng.randrange(lines))
        case = rng.random()
        if case < rates.lower_case:
            return [(text.lower(), label) for text, label in pieces]
        if (case := case - rates.lower_case) < rates.upper_case:
            return [(text.upper(), label) for text, label in pieces]
        if (case := case - rates.upper_case) < rates.lower_names:
            return [(text.lower() if category_of(label) in _NAMED else text, label) for text, label in pieces]
        if case - rates.lower_names < rates.upper_names:
            return [(text.upper() if category_of(label) == "NAME" else text, label) for text, label in pieces]
        return pieces

    def _reformatted(self, pieces: list[Piece], rng: random.Random) -> list[Piece]:
        """Change the note as systems do: drop line breaks or diacritics, or write other line breaks."""
        if rng.random() < self.rates.no_diacritics:
            pieces = [(text.translate(_BARE_LETTERS), label) for text, label in pieces]
        if rng.random() < self.rates.one_line:
            pieces = [(_LINE_BREAK.sub(" ", text), label) for text, label in pieces]
        if rng.random() < self.rates.wrapped:
            pieces = _wrapped(pieces, rng.randint(*_WIDTHS), rng)
        if rng.random() < self.rates.crlf:
            pieces = [(text.replace("\n", "\r\n"), label) for text, label in pieces]
        return pieces


def _wrapped(pieces: list[Piece], width: int, rng: random.Random) -> list[Piece]:
    """Break lines at about ``width`` characters: at a space or, sometimes, within a word, as old printers did."""
    wrapped = []
    column = 0
    for text, label in pieces:
        written = []
        for at, character in enumerate(text):
            breaks = column >= width
            if breaks and character == " ":
                character = "\n"
            elif breaks and text[at - 3 : at + 3].isalpha() and 3 <= at <= len(text) - 3 and rng.random() < _HYPHENATED:
                written.append("-\n")
                column = 0
            column = 0 if character == "\n" else column + 1
            written.append(character)
        wrapped.append(("".join(written), label))
    return wrapped


def _may_be_misspelt(text: str, label: str) -> bool:
    return len(text) >= _SHORTEST_MISSPELT and category_of(label) not in _SPELT_EXACTLY


def _shouted(pieces: list[Piece], number: int) -> list[Piece]:
    """Write the line ``number``, counted from 0, in capitals."""
    shouted = []
    at = 0
    for text, label in pieces:
        lines = text.split("\n")
        if 0 <= number - at < len(lines):
            lines[number - at] = lines[number - at].upper()
        at += len(lines) - 1
        shouted.append(("\n".join(lines), label))
    return shouted
