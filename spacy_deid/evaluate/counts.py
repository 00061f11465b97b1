"""Agreements and disagreements of two sides, and the shares that are made of them."""

from collections.abc import Set
from typing import NamedTuple


def share(part: float, whole: float) -> float | None:
    """Return ``part / whole``; None where there is nothing to take a share of."""
    return part / whole if whole else None


class Counts(NamedTuple):
    """Agreements (tp), predictions without gold (fp) and gold without prediction (fn)."""

    tp: int
    fp: int
    fn: int

    @classmethod
    def of(cls, gold: Set, predicted: Set) -> "Counts":
        """Count where two sets agree and differ."""
        return cls(len(gold & predicted), len(predicted - gold), len(gold - predicted))

    def plus(self, other: "Counts") -> "Counts":
        """Return the sum of both, count by count."""
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float | None:
        """Share of the predictions that are right; None when nothing was predicted."""
        return share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        """Share of the gold that was predicted; None without gold."""
        return share(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None when both sides are empty."""
        return share(2 * self.tp, 2 * self.tp + self.fp + self.fn)
