"""Small changes of an annotated text, and how far a pipeline decides alike before and after.

A change is a list of pairs, the old and the new wording of each piece of the text. A character belongs to the one at
the same place of the other wording, so that decisions can be compared one by one.
"""

import re
from collections.abc import Callable, Collection, Sequence
from random import Random
from typing import NamedTuple, TypeAlias

from spacy_deid.corpus.templates.noise import hasty_writing_of
from spacy_deid.corpus.templates.typing_errors import typo
from spacy_deid.evaluate.evaluate import Annotated
from spacy_deid.extensions import CharSpan
from spacy_deid.surrogates.other_values import other_values

Pair: TypeAlias = tuple[str, str]  # the old and the new wording of a piece of a text; neither is empty
Change: TypeAlias = Callable[[Annotated, str, Random], list[Pair]]  # text, code of its language, source of chance

MISTYPED = 0.1  # share of the words of three letters or more
REBROKEN = 0.15  # share of the spaces that become line breaks
_SHORTEST = 3  # letters of a word with one between two others
_WORD = re.compile(r"[^\W_]+|[\W_]+")  # no piece has both a letter and a mark: a mark never falls on a letter
_BREAKS = re.compile(r"(?<=\S)[ \n](?=\S)")


class Alike(NamedTuple):
    """The decisions of a text, one for each visible character: how many there are, and how many did not change."""

    inside: int
    inside_alike: int
    outside: int
    outside_alike: int


def typing_errors(case: Annotated, lang: str, rng: Random) -> list[Pair]:
    """Mistype a letter in some words, inside and outside identifiers."""
    neighbours = hasty_writing_of(lang).neighbours

    def mistyped(word: str) -> str:
        if len(word) < _SHORTEST or rng.random() >= MISTYPED:
            return word
        return typo(word, rng.randrange(1, len(word) - 1), rng, neighbours)

    words: list[str] = _WORD.findall(case.text)
    return [(word, mistyped(word)) for word in words]


def line_breaks(case: Annotated, _: str, rng: Random) -> list[Pair]:
    """Break the lines at other spaces."""
    return [(case.text, _BREAKS.sub(lambda _: "\n" if rng.random() < REBROKEN else " ", case.text))]


def other_identifiers(case: Annotated, lang: str, rng: Random) -> list[Pair]:
    """Put other values of the same sort in place of the identifiers; a value without another of its sort stays."""
    pairs: list[Pair] = []
    read = 0
    spans = sorted(case.spans)
    for (start, end, _), value in zip(spans, other_values(case.text, spans, lang, rng), strict=True):
        between = case.text[read:start]
        pairs += (between, between), (case.text[start:end], value)
        read = end
    pairs.append((case.text[read:], case.text[read:]))
    return [(old, new) for old, new in pairs if old]


CHANGES: dict[str, Change] = {
    "typing_errors": typing_errors,
    "line_breaks": line_breaks,
    "other_identifiers": other_identifiers,
}


def changed(pairs: Sequence[Pair]) -> str:
    """Return the text with the new wordings."""
    return "".join(new for _, new in pairs)


def alike(case: Annotated, pairs: Sequence[Pair], before: Collection[CharSpan], after: Collection[CharSpan]) -> Alike:
    """Compare a pipeline's decisions, redacted or not, on a text before and after a change.

    Args:
        case: The text before, with its identifiers.
        pairs: The change.
        before: The pipeline's spans in the text before.
        after: The pipeline's spans in the text after.
    """
    gold, hidden, hidden_after = _inside(case.spans), _inside(before), _inside(after)
    counts = {True: [0, 0], False: [0, 0]}  # inside an identifier or not -> decisions, decisions alike
    for at, other in enumerate(_places(pairs)):
        if not case.text[at].isspace():
            of_side = counts[at in gold]
            of_side[0] += 1
            of_side[1] += (at in hidden) == (other in hidden_after)
    return Alike(*counts[True], *counts[False])


def _places(pairs: Sequence[Pair]) -> list[int]:
    """Return the place after the change of each character before it."""
    places: list[int] = []
    start = 0
    for old, new in pairs:
        places += [start + at * len(new) // len(old) for at in range(len(old))]
        start += len(new)
    return places


def _inside(spans: Collection[CharSpan]) -> set[int]:
    return {at for start, end, _ in spans for at in range(start, end)}
