"""The metrics file, which `evaluate` writes and `report` reads, and its comparison of systems; no text, no note ids."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import srsly
from spacy.tokens import Doc

from spacy_deid.errors import DeidError
from spacy_deid.evaluate.evaluate import Evaluation, Speed, in_categories
from spacy_deid.evaluate.measures import MEASURES
from spacy_deid.extensions import char_spans
from spacy_deid.files import sha256
from spacy_deid.stats import Interval, paired_gaps, rounded

Metrics = dict[str, Any]
DIGITS = 6
CURVE = ("character_recall", "over_redaction", "fully_redacted")  # the measures of operating points
PARTS = {"whole": "scores", "narrative": "narrative"}


def describe_gold(path: Path, docs: Sequence[Doc], made: str = "") -> dict[str, Any]:
    """Describe the gold notes.

    Args:
        path: The corpus file.
        docs: Its Docs.
        made: How the notes were made, if they are not real; "" for real notes.

    Returns:
        File name, hash and counts; "labels" is the number of different categories.
    """
    spans = [in_categories(char_spans(doc)) for doc in docs]
    return {
        "file": path.name,
        "sha256": sha256(path),
        "made": made,
        "notes": len(docs),
        "spans": sum(map(len, spans)),
        "labels": len({span.label for of_note in spans for span in of_note}),
        "characters": sum(len(doc.text) for doc in docs),
        "words": sum(len(doc.text.split()) for doc in docs),
    }


def as_metrics(
    evaluation: Evaluation, model: str, version: str, gold: dict[str, Any], *, read: int, speed: Speed | None
) -> Metrics:
    """Return the content of a metrics file.

    Args:
        evaluation: The scores.
        model: The pipeline's name or directory, or the file of predictions.
        version: The pipeline's version; "" for predictions.
        gold: The gold notes, see `describe_gold`.
        read: The number of characters that the pipeline read, or that the predictions cover.
        speed: The pipeline's speed; None for predictions made elsewhere.
    """
    return {
        "model": model,
        "version": version,
        "gold": gold,
        "characters": {"given": gold["characters"], "read": read},
        "scores": _rounded(evaluation.scores),
        "narrative": _rounded(evaluation.narrative),
        "labels": _rounded(evaluation.labels),
        "categories": _rounded(evaluation.categories),
        "speed": rounded(speed._asdict(), 3) if speed else None,
        "per_note": {"whole": evaluation.per_note, "narrative": evaluation.narrative_per_note},
    }


def read_metrics(path: Path) -> Metrics:
    """Read a metrics file; raises DeidError if it is missing or of another version."""
    if not path.is_file():
        raise DeidError(f"There is no metrics file {path}. Remedy: write it with `deid evaluate MODEL GOLD {path}`.")
    try:
        metrics = srsly.read_json(path)
    except ValueError as error:
        raise DeidError(f"{path} is not JSON. Remedy: write it again with `deid evaluate`.") from error
    scores = metrics.get("scores") if isinstance(metrics, dict) else None
    if not isinstance(scores, dict) or scores.keys() != MEASURES.keys() or "characters" not in metrics:
        raise DeidError(
            f"{path} does not hold the measures of this version. Remedy: write it again with `deid evaluate`."
        )
    return metrics


class Contender(NamedTuple):
    """The content of a system's metrics file, and the system's name in reports."""

    name: str
    metrics: Metrics


class Line(NamedTuple):
    """One measure: the score of each contender, and for each but the first its difference from the first."""

    measure: str
    title: str
    meaning: str
    lower_is_better: bool
    scores: list[dict[str, Any]]
    gaps: list[dict[str, Any]]


def side_by_side(contenders: Sequence[Contender], part: str = "whole") -> list[Line]:
    """Compare all measures of systems; ``part``: "whole" notes or their "narrative" middle.

    Raises DeidError if two systems were not scored against the same gold file: their gap would be meaningless.
    """
    gaps = [_gaps(contenders[0], other, part) for other in contenders[1:]]
    return [
        Line(
            measure=name,
            title=measure.title,
            meaning=measure.meaning,
            lower_is_better=measure.lower_is_better,
            scores=[contender.metrics[PARTS[part]][name] for contender in contenders],
            gaps=[of_other[name]._asdict() for of_other in gaps],
        )
        for name, measure in MEASURES.items()
    ]


def _gaps(reference: Contender, other: Contender, part: str) -> dict[str, Interval]:
    if reference.metrics["gold"]["sha256"] != other.metrics["gold"]["sha256"]:
        raise DeidError(
            f"{reference.name!r} and {other.name!r} were scored against different gold files "
            f"({reference.metrics['gold']['file']}, {other.metrics['gold']['file']}). "
            "Remedy: evaluate both against the same file."
        )
    return paired_gaps(reference.metrics["per_note"][part], other.metrics["per_note"][part], MEASURES)


def _rounded(rows: Mapping[str, Any]) -> dict[str, dict[str, float | None]]:
    """Turn named tuples of figures into dicts of rounded ones."""
    return {name: rounded(row._asdict(), DIGITS) for name, row in rows.items()}
