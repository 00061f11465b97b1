"""Operating points of a pipeline: named thresholds, and the curve on held-out notes from which they were chosen."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from spacy_deid.errors import DeidError

NAMES = ("balanced", "careful", "strict")  # from the highest threshold to the lowest
OperatingPoint = float | str  # a character recall, or one of NAMES


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The figures of a pipeline at one threshold: each with ``value`` and the ends of its 95 % interval."""

    threshold: float
    character_recall: Mapping[str, float | None]
    over_redaction: Mapping[str, float | None]
    fully_redacted: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class OperatingPoints:
    """The thresholds that `deid calibrate` chose.

    Attributes:
        thresholds: The threshold of each of NAMES.
        limits: The over-redaction on the held-out notes that each was not to exceed.
        curve: The figures on the held-out notes, from the highest threshold to the lowest.
        held_out: The number of held-out notes, and their origin if they are not real.
        reliability: The agreement of probabilities and notes, see `spacy_deid.evaluate.reliability`.
    """

    thresholds: Mapping[str, float]
    limits: Mapping[str, float]
    curve: tuple[CurvePoint, ...]
    held_out: Mapping[str, Any] = field(default_factory=dict)
    reliability: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "OperatingPoints":
        """Return the operating points of a dict that `written` made."""
        return cls(**{**data, "curve": tuple(CurvePoint(**point) for point in data["curve"])})

    def written(self) -> dict[str, Any]:
        """Return the operating points as a dict, for a file."""
        return asdict(self)

    def beyond_limit(self) -> dict[str, float]:
        """Return the names whose threshold, the highest, is not within the limit, with their over-redaction."""
        at = {point.threshold: point.over_redaction["value"] or 0 for point in self.curve}
        over = {name: at[threshold] for name, threshold in self.thresholds.items()}
        return {name: share for name, share in over.items() if share > self.limits[name]}

    def threshold(self, point: OperatingPoint) -> float:
        """Return the threshold of a name, or the highest whose character recall on the held-out notes is ``point``."""
        if isinstance(point, str):
            return self.thresholds[point]
        recalls = [(of.threshold, of.character_recall["value"] or 0) for of in self.curve]
        reached = [threshold for threshold, recall in recalls if recall >= point]
        if not reached:
            raise DeidError(
                f"deid_merge: operating_point is a recall of {point}, and the curve on the held-out notes ends at "
                f"{max(recall for _, recall in recalls):.4f}. Remedy: ask for less, or train a better model."
            )
        return max(reached)

    def down_to(self, point: OperatingPoint) -> list[float]:
        """Return the thresholds of the names above a point's, from the highest on, and that of the point."""
        return self.above(self.threshold(point))

    def above(self, own: float) -> list[float]:
        """Return the thresholds of the names above a threshold, from the highest on, and the threshold itself."""
        return [*sorted({of for of in self.thresholds.values() if of > own}, reverse=True), own]


def read_point(point: float | str) -> OperatingPoint:
    """Return a name or a recall, which may be written as text.

    Raises DeidError for anything else.
    """
    if point in NAMES:
        return point
    try:
        recall = float(point)
    except ValueError:
        recall = 0
    if not 0 < recall <= 1:
        raise DeidError(
            f"operating_point is {point!r}. Remedy: {', '.join(NAMES)}, or a character recall above 0 and at most 1."
        )
    return recall
