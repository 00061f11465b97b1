"""Invented results of the stages before a release: the audit, the training notes' hashes, the scores."""

from pathlib import Path

import srsly
from typer.testing import CliRunner

from spacy_deid.audit.budgets import load_budgets
from spacy_deid.audit.inputs import describe
from spacy_deid.cli import app
from spacy_deid.evaluate.run import evaluate_file
from spacy_deid.files import sha256
from spacy_deid.training.callbacks import TRAINED_ON

WORDS = ["Zacarías", "Quintanilla", "Xátiva", "gammagrafía"]
NOTE = f"Nombre: {WORDS[0]} {WORDS[1]}. Remitido de {WORDS[2]} para {WORDS[3]}."
SPANS = {"entities": [(8, 28, "NAME"), (42, 48, "LOCATION")]}
AUDITED = {"synthetic": "synthetic", "members": "corpus/train.spacy", "heldout": "corpus/test.spacy"}


def save_audit(folder: Path, **found) -> None:
    """Save an audit of the fixture's files, with 0 for the figure of every budget except those in ``found``."""
    sections: dict = {}
    for budget in load_budgets():
        *path, name = budget.measure.split(".")
        inner = sections
        for part in path:
            inner = inner.setdefault(part, {})
        inner[name] = 0
    described = {name: describe(folder / path) for name, path in AUDITED.items()}
    notes = {"synthetic": 78, "members": 450, "heldout": 250}
    srsly.write_json(folder / "audit.json", {**sections, "inputs": described, "notes": notes, **found})


def tell_training(model: Path, *corpora: Path) -> None:
    """Record these files as a pipeline's training data, as deid.TrainedOn.v1 does."""
    meta = srsly.read_json(model / "meta.json")
    meta[TRAINED_ON] = {name: [sha256(path) for path in corpora] for name in ("train", "dev") if corpora}
    srsly.write_json(model / "meta.json", meta)


def score(model: Path, folder: Path) -> None:
    """Score a pipeline as the student."""
    evaluate_file(str(model), folder / "test.spacy", folder / "student.json", quiet=True)


def release(model: Path, out: Path, stages: dict[str, Path], *more: str):
    options = [text for name, path in stages.items() for text in (f"--{name}", str(path))]
    named = ("--name", "es", "--version", "1.2.3")
    return CliRunner().invoke(app, ["release", str(model), str(out), *named, *options, *more], catch_exceptions=False)
