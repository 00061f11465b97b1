"""Turns a variant of a template into the text of a note, piece by piece, so that its spans are exact."""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from spacy_deid.corpus.templates.template import Choice, Gendered, Marked, Number, Parts, Slot, Word
from spacy_deid.extensions import CharSpan

Piece: TypeAlias = tuple[str, str]  # text, and its label or ""

_NOTHING = "\0"  # in place of an option without text
# the white space around such an option: a superfluous space or line break
_LEFT_OVER = re.compile(rf"(?<=\n){_NOTHING}+[ \n]| {_NOTHING}+(?=[ .,;:!?)\n])|{_NOTHING}")


class Values(Protocol):
    """The persons, places and dates of one note, such as `spacy_deid.surrogates.cast.Cast`."""

    def value(self, stem: str, form: str | None) -> str:
        """Return the text of a slot."""

    def gender(self, stem: str) -> str:
        """Return "f" or "m"."""


def fill(
    parts: Parts, values: Values, words: Mapping[str, Sequence[str]], rng: random.Random, *, decimal_mark: str
) -> list[Piece]:
    """Return the pieces of a note, in order: none is empty, and of two neighbours at least one is labelled.

    Args:
        parts: A variant of a template.
        values: The persons, places and dates that fill the slots.
        words: The word lists, by name.
        rng: Draws options, numbers and words.
        decimal_mark: The decimal mark of the language: "," or ".".
    """
    pieces: list[Piece] = []
    plain: list[str] = []
    for text, label in [*_filled(parts, values, words, rng, decimal_mark), ("", "end")]:
        if not label:
            plain.append(text)
            continue
        if between := _LEFT_OVER.sub("", "".join(plain)):
            pieces.append((between, ""))
        plain = []
        if text:
            pieces.append((text, label))
    return pieces


def join(pieces: Sequence[Piece]) -> tuple[str, tuple[CharSpan, ...]]:
    """Return the text of all pieces, and the spans of the labelled ones."""
    spans, at = [], 0
    for text, label in pieces:
        if label:
            spans.append(CharSpan(at, at + len(text), label))
        at += len(text)
    return "".join([text for text, _ in pieces]), tuple(spans)


def _filled(
    parts: Parts, values: Values, words: Mapping[str, Sequence[str]], rng: random.Random, decimal_mark: str
) -> list[Piece]:
    filled: list[Piece] = []
    for part in parts:
        match part:
            case str():
                filled.append((part, ""))
            case Slot(stem, form, label):
                filled.append((values.value(stem, form), label))
            case Choice(options):
                chosen = options[int(rng.random() * len(options))]
                filled += _filled(chosen, values, words, rng, decimal_mark) if chosen else [(_NOTHING, "")]
            case Gendered(stem, female, male):
                filled.append((female if values.gender(stem) == "f" else male, ""))
            case Number(low, high, decimals):
                filled.append((_number(low + int(rng.random() * (high - low + 1)), decimals, decimal_mark), ""))
            case Word(key):
                filled.append((rng.choice(words[key]), ""))
            case Marked(text, label):
                filled.append((text, label))
    return filled


def _number(units: int, decimals: int, mark: str) -> str:
    if not decimals:
        return str(units)
    whole, fraction = divmod(units, 10**decimals)
    return f"{whole}{mark}{fraction:0{decimals}}"
