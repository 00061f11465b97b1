"""Members against held-out notes, with 95 % intervals: percentile bootstrap over notes (Efron & Tibshirani 1993).

Each side is drawn anew by itself, as many notes as it has, with replacement: the notes of one are not paired with those
of the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spacy_deid.score.bootstrap import PERCENTILES, RESAMPLES, Interval

Values: TypeAlias = NDArray[np.float64]
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure for the members, for the held-out notes (what chance gives), and the first minus the second."""

    members: Interval
    heldout: Interval
    difference: Interval

    def as_json(self) -> dict[str, Any]:
        """Return the three as dicts of value, low and high, rounded."""
        return {name: interval_json(getattr(self, name)) for name in ("members", "heldout", "difference")}


def compare_rates(
    members: Sequence[tuple[float, float]], heldout: Sequence[tuple[float, float]], seed: int
) -> Comparison:
    """Compare shares: each note gives a part and a whole, a side's share is the sum of parts by the sum of wholes.

    A mean is a share whose wholes are 1. A side whose wholes are all 0 has no share.
    """
    rng = np.random.default_rng(seed)
    ours, theirs = (_shares(np.array(side, dtype=np.float64).reshape(-1, 2), rng) for side in (members, heldout))
    return Comparison(interval_of(ours), interval_of(theirs), interval_of(ours - theirs))


def compare_means(members: Sequence[float], heldout: Sequence[float], seed: int) -> Comparison:
    """Compare the means of a figure that each note has."""
    return compare_rates([(value, 1) for value in members], [(value, 1) for value in heldout], seed)


def interval_of(values: Values) -> Interval:
    """Return the interval of a figure: ``values`` holds the observed one, then that of each resample; NaN: undefined."""
    defined = values[1:][~np.isnan(values[1:])]
    if np.isnan(values[0]) or not defined.size:
        return Interval(None, None, None)
    low, high = np.percentile(defined, PERCENTILES)
    return Interval(float(values[0]), float(low), float(high))


def interval_json(interval: Interval) -> dict[str, float | None]:
    """Return an interval as a dict, rounded."""
    return {name: None if value is None else round(value, DIGITS) for name, value in interval._asdict().items()}


def resamples(notes: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return how often each note counts: once each in the first row, as drawn in the other `RESAMPLES` rows."""
    drawn = rng.multinomial(notes, np.full(notes, 1 / notes), size=RESAMPLES)
    return np.concatenate([np.ones((1, notes), dtype=np.int64), drawn])


def _shares(side: Values, rng: np.random.Generator) -> Values:
    parts, wholes = (resamples(len(side), rng) @ side).T
    return np.divide(parts, wholes, out=np.full(parts.shape, np.nan), where=wholes > 0)
