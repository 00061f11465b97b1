"""The metrics file, which `evaluate` writes and `report` reads: figures only, no text and no note ids."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import srsly
from spacy.tokens import Doc

from spacy_deid.errors import DeidError
from spacy_deid.evaluate.evaluate import Evaluation
from spacy_deid.evaluate.measures import MEASURES
from spacy_deid.evaluate.predict import Speed
from spacy_deid.extensions import char_spans
from spacy_deid.files import sha256

Metrics = dict[str, Any]
DIGITS = 6


def describe_gold(path: Path, docs: Sequence[Doc], made: str = "") -> dict[str, Any]:
    """Say what was scored against; ``made`` tells how the set came about where it holds no real notes."""
    spans = [set(char_spans(doc)) for doc in docs]
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


def as_metrics(evaluation: Evaluation, model: str, version: str, gold: dict[str, Any], speed: Speed | None) -> Metrics:
    """Return the content of a metrics file; ``speed`` is None for predictions made elsewhere."""
    return {
        "model": model,
        "version": version,
        "gold": gold,
        "scores": _rounded(evaluation.scores),
        "narrative": _rounded(evaluation.narrative),
        "labels": _rounded(evaluation.labels),
        "categories": _rounded(evaluation.categories),
        "speed": {name: round(value, 3) for name, value in speed._asdict().items()} if speed else None,
        "per_note": {"whole": evaluation.per_note, "narrative": evaluation.narrative_per_note},
    }


def read_metrics(path: Path) -> Metrics:
    """Read a metrics file; raises DeidError where it is missing or not one of this version."""
    if not path.is_file():
        raise DeidError(f"There is no metrics file {path}. Remedy: write it with `deid evaluate MODEL GOLD {path}`.")
    try:
        metrics = srsly.read_json(path)
    except ValueError as error:
        raise DeidError(f"{path} is not JSON. Remedy: write it again with `deid evaluate`.") from error
    scores = metrics.get("scores") if isinstance(metrics, dict) else None
    if not isinstance(scores, dict) or scores.keys() != MEASURES.keys():
        raise DeidError(
            f"{path} does not hold the measures of this version. Remedy: write it again with `deid evaluate`."
        )
    return metrics


def _rounded(rows: dict[str, Any]) -> dict[str, dict[str, float | None]]:
    """Turn named tuples into dictionaries of rounded numbers."""
    return {
        name: {
            key: value if value is None or isinstance(value, int) else round(value, DIGITS)
            for key, value in row._asdict().items()
        }
        for name, row in rows.items()
    }
