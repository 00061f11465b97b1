"""The provenance of a released pipeline, from the manifests of the earlier stages."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import srsly

from spacy_deid.errors import DeidError
from spacy_deid.evaluate.metrics import Contender, read_metrics
from spacy_deid.manifest import MANIFEST


@dataclass(frozen=True)
class Provenance:
    """The figures of the earlier stages, and the pretrained models behind the pipeline."""

    gold: Contender
    student: Contender
    corpus: dict[str, Any]
    synthetic: dict[str, Any]
    adaptation: dict[str, Any]
    lm: dict[str, Any]
    encoder: dict[str, Any]

    @property
    def generated(self) -> int:
        """Notes that the language model wrote, before the filters."""
        return sum(shard["notes"] for shard in self.synthetic["shards"])

    @property
    def trained_on(self) -> int:
        """Synthetic notes that the student saw, including those for early stopping."""
        return sum(part["notes"] for part in self.synthetic["corpus"]["files"].values())


def read_provenance(
    *, gold: Path, student: Path, corpus: Path, synthetic: Path, adapter: Path, lm: Path, encoder: Path
) -> Provenance:
    """Read the metrics and the manifests of the stages before a release.

    A model that `deid models` did not make has no manifest: its own terms must be looked up.

    Args:
        gold: Metrics of the gold annotator.
        student: Metrics of the student, on the same gold notes.
        corpus: Folder that `deid corpus` made.
        synthetic: Folder that `deid generate` made.
        adapter: Folder that `deid adapt` made.
        lm: Directory of the language model.
        encoder: Directory of the encoder.

    Raises:
        DeidError: A file is missing or damaged; the message names it and the stage that makes it.
    """
    return Provenance(
        gold=Contender("gold", read_metrics(gold)),
        student=Contender("student", read_metrics(student)),
        corpus=_read(corpus / MANIFEST, "deid corpus"),
        synthetic=_finished(_read(synthetic / MANIFEST, "deid generate"), synthetic),
        adaptation=_read(adapter / "adaptation.json", "deid adapt"),
        lm=_read_model(lm),
        encoder=_read_model(encoder),
    )


def _read(path: Path, stage: str) -> dict[str, Any]:
    try:
        return srsly.read_json(path)
    except (OSError, ValueError) as error:
        raise DeidError(f"{path} is missing or damaged. Remedy: run `{stage}`, which writes it.") from error


def _finished(manifest: dict[str, Any], folder: Path) -> dict[str, Any]:
    if not manifest.get("corpus"):
        raise DeidError(
            f"The run in {folder} is not finished. Remedy: run `deid generate` again; it continues from there."
        )
    return manifest


def _read_model(folder: Path) -> dict[str, Any]:
    notice = folder / "NOTICE"
    terms = {"notice": notice.read_text("utf8") if notice.is_file() else ""}
    if not (folder / MANIFEST).is_file():
        return {"model": folder.name, "url": "", "licence": "see the terms that came with the model", **terms}
    return _read(folder / MANIFEST, "deid models") | terms
