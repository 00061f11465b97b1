"""Clinical loss: how much clinical text without any identifier a pipeline redacts, by kind of expression.

A folder has one text file for each kind (drug.txt, dose.txt, ...), with one line of a note a line. No line has an
identifier, so that every redacted character is a loss.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language

from spacy_deid.errors import DeidError
from spacy_deid.evaluate.evaluate import predict
from spacy_deid.evaluate.measures import ScoredNote, character_counts
from spacy_deid.evaluate.metrics import DIGITS
from spacy_deid.extensions import CharSpan
from spacy_deid.files import read_lines, sha256_folder, write_json
from spacy_deid.pipelines import at_operating_point, load_pipeline
from spacy_deid.stats import PerNote, Share, intervals

ALL = "all"
LOSSES = {
    "characters": Share(("over",), ("over", "clear")),
    "lines": Share(("touched",), ("touched", "whole")),
}


def evaluate_clinical_folder(
    model: str, folder: Path, output: Path, *, operating_point: str = "", seed: int = 0, quiet: bool = False
) -> dict[str, Any]:
    """Score a pipeline on clinical lines, write the figures and return them; they hold no text.

    Args:
        model: Directory or package of the pipeline.
        folder: Lines by kind, see `read_kinds`.
        output: JSON file to write.
        operating_point: Operating point of the pipeline, see ``deid_merge``; "" for the one that it has.
        seed: Of the bootstrap.
        quiet: Whether to show no progress bar.

    Raises:
        DeidError: A pipeline or folder that cannot be read, or a pipeline without that operating point.
    """
    kinds = read_kinds(folder)
    nlp = load_pipeline(model)
    with at_operating_point(nlp, operating_point):
        rows = clinical_loss(nlp, kinds, seed, quiet)
    result = {
        "model": model,
        "version": nlp.meta["version"],
        "model_sha256": sha256_folder(nlp.path),
        "operating_point": operating_point,
        "lines": {"folder": folder.name, "sha256": sha256_folder(folder)},
        "kinds": rows,
    }
    write_json(output, result)
    return result


def clinical_loss(
    nlp: Language, kinds: Mapping[str, Sequence[str]], seed: int = 0, quiet: bool = False
) -> list[dict[str, Any]]:
    """Measure the shares of characters redacted and of lines touched.

    Args:
        nlp: The pipeline.
        kinds: Lines without identifiers by kind.
        seed: Of the bootstrap, which resamples lines.
        quiet: Whether to show no progress bar.

    Returns:
        A row for each kind, and one for `ALL` lines: the shares of `LOSSES` in [0, 1] with their 95 % intervals.
    """
    lines = [line for of_kind in kinds.values() for line in of_kind]
    found, _ = predict(nlp, lines, quiet)
    counts = [_counts(line, spans) for line, spans in zip(lines, found, strict=True)]
    counted = iter(counts)
    by_kind = {kind: [next(counted) for _ in of_kind] for kind, of_kind in kinds.items()}
    return [_row(kind, of_kind, seed) for kind, of_kind in [*by_kind.items(), (ALL, counts)]]


def read_kinds(folder: Path) -> dict[str, list[str]]:
    """Return the lines of each ``KIND.txt`` of a folder by kind; raises DeidError for a kind or folder without any."""
    kinds = {path.stem: [line for line in read_lines(path) if line.strip()] for path in sorted(folder.glob("*.txt"))}
    empty = [f"{folder / kind}.txt" for kind, lines in kinds.items() if not lines]
    if empty or not kinds:
        raise DeidError(
            f"{empty[0] if empty else folder} holds no lines. "
            "Remedy: a file such as drug.txt for each kind, with one line of a note without identifiers a line."
        )
    return kinds


def _counts(line: str, found: Sequence[CharSpan]) -> dict[str, int]:
    characters = character_counts(ScoredNote(line, frozenset(), frozenset(found)))
    touched = int(characters.over > 0)
    return {"over": characters.over, "clear": characters.clear, "touched": touched, "whole": 1 - touched}


def _row(kind: str, counts: Sequence[Mapping[str, int]], seed: int) -> dict[str, Any]:
    per_line: PerNote = {column: [of_line[column] for of_line in counts] for column in counts[0]}
    losses = {name: loss.rounded(DIGITS) for name, loss in intervals(per_line, LOSSES, seed).items()}
    return {"kind": kind, "count": len(counts), **losses}
