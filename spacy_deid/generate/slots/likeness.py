"""Which form a value has, told by what the language's sources write: no patterns of our own."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from random import Random

from spacy_deid.surrogates.cast import Cast
from spacy_deid.surrogates.source import source_of

_SAMPLES = 80  # values drawn of each slot
_GRAM = 3
_UNSEEN = 1e-4  # share of a trigram that no sample has


def likest(value: str, slots: Iterable[str], lang: str) -> str:
    """Return the one of ``slots`` (``stem`` or ``stem.form``) whose values are most like ``value``.

    By a naive Bayes model of the values' character trigrams, digits being all alike and case being ignored; the first
    of equals. A town that the source knows is a city, though a region may be named after it.
    """
    slots = list(slots)
    if value.casefold() in _towns(lang):
        slots = [slot for slot in slots if slot.endswith(".city")] or slots
    grams = _grams(value)

    def log_likelihood(slot: str) -> float:
        shares = _profile(slot, lang)
        return sum(math.log(shares.get(gram, 0) + _UNSEEN) for gram in grams)

    return max(slots, key=log_likelihood)


@cache
def _profile(slot: str, lang: str) -> Mapping[str, float]:
    stem, _, form = slot.partition(".")
    counts: Counter[str] = Counter()
    for seed in range(_SAMPLES):
        counts.update(_grams(Cast(lang, Random(seed)).value(stem, form or None)))  # noqa: S311
    return {gram: count / counts.total() for gram, count in counts.items()}


@cache
def _towns(lang: str) -> frozenset[str]:
    return frozenset(town.name.casefold() for town in source_of(lang).towns)


def _grams(value: str) -> list[str]:
    shape = "^" + "".join("0" if letter.isdigit() else letter for letter in value.casefold()) + "$"
    return [shape[at : at + _GRAM] for at in range(max(1, len(shape) - _GRAM + 1))]
