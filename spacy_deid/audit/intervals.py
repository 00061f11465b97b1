"""Members compared with held-out notes, with 95 % intervals over notes.

Percentile bootstrap (Efron & Tibshirani 1993): each side is resampled by itself, as many notes as it has, with
replacement. A side without a case of a rare event has none in any resample either, as if the event could not occur
there: five identifiers of members and none of held-out notes would seem beyond chance, although one in nine fair splits
of 700 notes into 450 and 250 puts all five on the first side. The interval of a difference is therefore widened to the
range that a permutation test allows: the difference minus the range over random splits of all notes into two sides.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from spacy_deid.stats import RESAMPLES, Interval, as_interval

Values: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure of the members, of the held-out notes (the baseline), and the first minus the second."""

    members: Interval
    heldout: Interval
    difference: Interval

    def as_json(self) -> dict[str, Any]:
        """Return the three as dicts of value, low and high, rounded."""
        return {name: getattr(self, name).rounded() for name in ("members", "heldout", "difference")}


def compare_rates(
    members: Sequence[tuple[float, float]], heldout: Sequence[tuple[float, float]], seed: int
) -> Comparison:
    """Compare the shares of two sides: the sum of the notes' parts by the sum of their wholes.

    A mean is a share whose wholes are 1. A side whose wholes are all 0 has no share.

    Args:
        members: Part and whole of each member.
        heldout: Part and whole of each held-out note.
        seed: Of the resampling.
    """
    rng = np.random.default_rng(seed)
    sides = [np.array(side, dtype=np.float64).reshape(-1, 2) for side in (members, heldout)]
    ours, theirs = (_shares(resamples(len(side), rng) @ side) for side in sides)
    difference = _widened(interval_of(ours - theirs), interval_of(_random_splits(sides[0], sides[1], rng)))
    return Comparison(interval_of(ours), interval_of(theirs), difference)


def compare_means(members: Sequence[float], heldout: Sequence[float], seed: int) -> Comparison:
    """Compare the means of two sides; the arguments are those of `compare_rates`, with one value for each note."""
    return compare_rates([(value, 1) for value in members], [(value, 1) for value in heldout], seed)


def with_alone(members: Sequence[bool], heldout: Sequence[bool], seed: int) -> dict[str, Any]:
    """Return a comparison, as JSON, of the shares of notes with a property that hardly occurs by chance.

    "alone": the number of members with it, minus the number that as many held-out notes would have, rounded up; at
    least 0. An interval over notes cannot separate a single case from chance, although one case is not chance.

    Args:
        members: Whether each member has the property.
        heldout: Whether each held-out note has it.
        seed: Of the resampling.
    """
    by_chance = math.ceil(sum(heldout) * len(members) / len(heldout))
    return {**compare_means(members, heldout, seed).as_json(), "alone": max(0, int(sum(members)) - by_chance)}


def interval_of(values: Values) -> Interval:
    """Return a figure with its interval; ``values``: the observed one, then each resample's, NaN where undefined."""
    return as_interval(values[:1], values[1:])


def resamples(notes: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the weight of each note, shape (1 + RESAMPLES, notes): 1 in the first row, as drawn in the others."""
    drawn = rng.multinomial(notes, np.full(notes, 1 / notes), size=RESAMPLES)
    return np.concatenate([np.ones((1, notes), dtype=np.int64), drawn])


def _widened(difference: Interval, split: Interval) -> Interval:
    if None in difference or None in split:
        return difference
    value, low, high = cast(tuple[float, float, float], difference)
    _, split_low, split_high = cast(tuple[float, float, float], split)
    return Interval(value, min(low, value - split_high), max(high, value - split_low))


def _random_splits(members: Values, heldout: Values, rng: np.random.Generator) -> Values:
    """Return the observed difference, then that of each of `RESAMPLES` random splits of all notes."""
    every = np.concatenate([members, heldout])
    is_member = np.tile(np.arange(len(every)) < len(members), (RESAMPLES + 1, 1))
    is_member[1:] = rng.permuted(is_member[1:], axis=1)
    ours = is_member.astype(np.float64) @ every
    return _shares(ours) - _shares(every.sum(axis=0) - ours)


def _shares(sums: Values) -> Values:
    parts, wholes = sums.T
    return np.divide(parts, wholes, out=np.full(parts.shape, np.nan), where=wholes > 0)
