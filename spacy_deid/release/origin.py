"""Whether a pipeline is the one behind the figures: trained on the audited notes alone, and scored itself."""

from pathlib import Path
from typing import Any

import srsly

from spacy_deid.audit.inputs import describe
from spacy_deid.errors import DeidError
from spacy_deid.files import sha256_folder
from spacy_deid.release.provenance import Provenance
from spacy_deid.training.callbacks import TRAINED_ON


def foreign(model: Path, synthetic: Path, provenance: Provenance) -> list[str]:
    """Return what speaks against ``model`` being the student of the notes in ``synthetic``, and that of the metrics.

    It may have seen these notes and the public ones that `deid corpus` made, by the hashes in its metadata, and no
    others. Raises DeidError where ``model`` is no pipeline.
    """
    public = provenance.corpus.get("outputs", {}).get("public.spacy", "")
    reasons = _unaudited(_trained_on(model), {*describe(synthetic).values(), public} - {""})
    if provenance.student.metrics.get("model_sha256") != sha256_folder(model):
        reasons.append("the student's metrics are not of this pipeline as it is now (`deid evaluate` scores it)")
    return reasons


def _trained_on(model: Path) -> dict[str, list[str]]:
    try:
        meta: dict[str, Any] = srsly.read_json(model / "meta.json")
    except (OSError, ValueError) as error:
        raise DeidError(f"{model} is not the directory of a trained pipeline. Remedy: train it first.") from error
    return meta.get(TRAINED_ON, {})


def _unaudited(trained_on: dict[str, list[str]], audited: set[str]) -> list[str]:
    if not trained_on or not all(trained_on.values()):
        return [
            "the pipeline does not tell what it was trained on (it does with deid.TrainedOn.v1 in its config, as in "
            "configs/quick/ner.cfg)"
        ]
    others = [name for name, hashes in trained_on.items() if not audited.issuperset(hashes)]
    if not others:
        return []
    kinds = ", ".join(others)
    return [f"the pipeline was trained on notes that are neither the audited synthetic ones nor public ({kinds})"]
