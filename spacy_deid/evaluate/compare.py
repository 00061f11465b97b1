"""Systems side by side: each one's scores and its gap to the first."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from spacy_deid.errors import DeidError
from spacy_deid.evaluate.measures import MEASURES, explanations
from spacy_deid.evaluate.metrics import Metrics
from spacy_deid.stats import Interval, paired_gaps

PARTS = {"whole": "scores", "narrative": "narrative"}


class Contender(NamedTuple):
    """A system under the name a reader knows it by, with its metrics file."""

    name: str
    metrics: Metrics


class Line(NamedTuple):
    """One measure: every contender's score, and for each but the first that score minus the first's."""

    measure: str
    title: str
    meaning: str
    lower_is_better: bool
    scores: list[dict[str, Any]]
    gaps: list[dict[str, Any]]


def side_by_side(contenders: Sequence[Contender], part: str = "whole") -> list[Line]:
    """Line up all measures; ``part``: "whole" notes or their "narrative" middle.

    Raises DeidError when two were not scored against the same gold file: their gap would mean nothing.
    """
    gaps = [_gaps(contenders[0], other, part) for other in contenders[1:]]
    return [
        Line(
            measure=name,
            title=explanation.title,
            meaning=explanation.meaning,
            lower_is_better=MEASURES[name].lower_is_better,
            scores=[contender.metrics[PARTS[part]][name] for contender in contenders],
            gaps=[of_other[name]._asdict() for of_other in gaps],
        )
        for name, explanation in explanations().items()
    ]


def _gaps(reference: Contender, other: Contender, part: str) -> dict[str, Interval]:
    if reference.metrics["gold"]["sha256"] != other.metrics["gold"]["sha256"]:
        raise DeidError(
            f"{reference.name!r} and {other.name!r} were scored against different gold files "
            f"({reference.metrics['gold']['file']}, {other.metrics['gold']['file']}). "
            "Remedy: evaluate both against the same file."
        )
    return paired_gaps(reference.metrics["per_note"][part], other.metrics["per_note"][part])
