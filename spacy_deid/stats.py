"""How far a score could move with other notes: percentile bootstrap (Efron & Tibshirani 1993, ch. 13)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spacy_deid.evaluate.measures import MEASURES, Measure

RESAMPLES = 1000
PERCENTILES = (2.5, 97.5)

PerNote = Mapping[str, Sequence[int]]


class Interval(NamedTuple):
    """A score, or a difference of two, and the ends of its 95 % interval; None where it is undefined."""

    value: float | None
    low: float | None
    high: float | None

    def rounded(self, digits: int = 4) -> dict[str, float | None]:
        """Return the three as a dict, for a JSON file."""
        return {name: None if value is None else round(value, digits) for name, value in self._asdict().items()}


def intervals(per_note: PerNote, seed: int = 0, measures: Mapping[str, Measure] = MEASURES) -> dict[str, Interval]:
    """Return each measure with its interval; each column of ``per_note`` has one count per note."""
    observed, resampled = totals(per_note, seed)
    return {
        name: as_interval(_shares(measure, observed), _shares(measure, resampled)) for name, measure in measures.items()
    }


def paired_gaps(reference: PerNote, other: PerNote, seed: int = 0) -> dict[str, Interval]:
    """Return each measure of ``other`` minus that of ``reference``, with the interval of the difference.

    Both must have scored the same notes in the same order: each resample takes the same notes for both, so
    that notes hard for either model do not blur the difference.
    """
    observed_reference, resampled_reference = totals(reference, seed)
    observed_other, resampled_other = totals(other, seed)
    return {
        name: as_interval(
            _shares(measure, observed_other) - _shares(measure, observed_reference),
            _shares(measure, resampled_other) - _shares(measure, resampled_reference),
        )
        for name, measure in MEASURES.items()
    }


Totals = dict[str, NDArray[np.int64]]


def totals(per_note: PerNote, seed: int) -> tuple[Totals, Totals]:
    """Sum each column over the notes, and over each resample of as many notes drawn with replacement."""
    counts = np.array(list(per_note.values()), dtype=np.int64)
    notes = counts.shape[1]
    rng = np.random.default_rng(seed)
    resampled = np.stack([counts[:, rng.integers(notes, size=notes)].sum(axis=1) for _ in range(RESAMPLES)], axis=1)
    observed = counts.sum(axis=1, keepdims=True)
    return dict(zip(per_note, observed, strict=True)), dict(zip(per_note, resampled, strict=True))


def _shares(measure: Measure, totals: Totals) -> NDArray[np.float64]:
    part = np.sum([totals[column] for column in measure.part], axis=0)
    whole = np.sum([totals[column] for column in measure.whole], axis=0)
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def as_interval(observed: NDArray[np.float64], resampled: NDArray[np.float64]) -> Interval:
    """Return a score's one observed value with the 95 % interval of its resampled ones; nan is undefined."""
    defined = resampled[~np.isnan(resampled)]
    if np.isnan(observed[0]) or not defined.size:
        return Interval(None, None, None)
    low, high = np.percentile(defined, PERCENTILES)
    return Interval(float(observed[0]), float(low), float(high))
