"""Figures with 95 % intervals by the percentile bootstrap over notes (Efron & Tibshirani 1993, ch. 13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
PERCENTILES = (2.5, 97.5)

PerNote: TypeAlias = Mapping[str, Sequence[int]]  # columns of counts, one count for each note
Totals: TypeAlias = dict[str, NDArray[np.int64]]


@dataclass(frozen=True)
class Share:
    """The sum of the columns ``part`` divided by that of ``whole``; a column named twice counts twice."""

    part: tuple[str, ...]
    whole: tuple[str, ...]


class Interval(NamedTuple):
    """A figure, or a difference of two, and the ends of its 95 % interval; None if it is undefined."""

    value: float | None
    low: float | None
    high: float | None

    def rounded(self, digits: int = 4) -> dict[str, float | None]:
        """Return the three as a dict, for a JSON file."""
        return rounded(self._asdict(), digits)


def rounded(figures: Mapping[str, float | None], digits: int) -> dict[str, float | None]:
    """Return figures rounded, for a JSON file; None and integers do not change."""
    return {name: None if value is None else round(value, digits) for name, value in figures.items()}


def intervals(per_note: PerNote, shares: Mapping[str, Share], seed: int = 0) -> dict[str, Interval]:
    """Return each share over all notes, with its interval.

    Args:
        per_note: Columns of counts, all of the same notes in the same order.
        shares: The shares by name, of these columns.
        seed: The seed of the bootstrap; the same seed gives the same intervals.
    """
    observed, resampled = totals(per_note, seed)
    return {name: as_interval(_ratio(share, observed), _ratio(share, resampled)) for name, share in shares.items()}


def paired_gaps(reference: PerNote, other: PerNote, shares: Mapping[str, Share], seed: int = 0) -> dict[str, Interval]:
    """Return each share of ``other`` minus that of ``reference``, with the interval of the difference.

    Each resample has the same notes for both, so that difficult notes do not widen the interval.

    Args:
        reference: Columns of counts.
        other: The same columns, of the same notes in the same order.
        shares: The shares by name, of these columns.
        seed: The seed of the bootstrap.
    """
    observed_reference, resampled_reference = totals(reference, seed)
    observed_other, resampled_other = totals(other, seed)
    return {
        name: as_interval(
            _ratio(share, observed_other) - _ratio(share, observed_reference),
            _ratio(share, resampled_other) - _ratio(share, resampled_reference),
        )
        for name, share in shares.items()
    }


def totals(per_note: PerNote, seed: int) -> tuple[Totals, Totals]:
    """Sum each column over the notes, and over each resample of as many notes drawn with replacement."""
    counts = np.array(list(per_note.values()), dtype=np.int64)
    notes = counts.shape[1]
    rng = np.random.default_rng(seed)
    resampled = np.stack([counts[:, rng.integers(notes, size=notes)].sum(axis=1) for _ in range(RESAMPLES)], axis=1)
    observed = counts.sum(axis=1, keepdims=True)
    return dict(zip(per_note, observed, strict=True)), dict(zip(per_note, resampled, strict=True))


def as_interval(observed: NDArray[np.float64], resampled: NDArray[np.float64]) -> Interval:
    """Return a figure's one observed value with the 95 % interval of its resampled ones; NaN is undefined."""
    defined = resampled[~np.isnan(resampled)]
    if np.isnan(observed[0]) or not defined.size:
        return Interval(None, None, None)
    low, high = np.percentile(defined, PERCENTILES)
    return Interval(float(observed[0]), float(low), float(high))


def _ratio(share: Share, totals: Totals) -> NDArray[np.float64]:
    part = np.sum([totals[column] for column in share.part], axis=0)
    whole = np.sum([totals[column] for column in share.whole], axis=0)
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
