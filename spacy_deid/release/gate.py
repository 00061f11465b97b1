"""The release gate: no pipeline is released without an audit of its own notes, within the budgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import srsly

from spacy_deid.audit.budgets import judge, load_budgets
from spacy_deid.audit.inputs import describe, heldout_file, stale
from spacy_deid.errors import DeidError
from spacy_deid.files import sha256_folder
from spacy_deid.release.provenance import Provenance
from spacy_deid.training.callbacks import TRAINED_ON

NO_VERDICT: dict[str, Any] = {"not_measured": [], "budgets": []}


@dataclass(frozen=True)
class Gate:
    """The gate's finding: ``reasons`` against a release, and the stated reason to override them."""

    reasons: list[str]
    override: str
    audit: dict[str, Any] | None
    budgets: list[dict[str, Any]]

    def summary(self) -> dict[str, Any]:
        """Return the part that goes into the wheel: figures, no text and no hash of a note."""
        return {
            "passed": not self.reasons,
            "reasons": self.reasons,
            "override": self.override if self.reasons else "",
            "notes": self.audit["notes"] if self.audit else {},
            "budgets": [
                {name: row[name] for name in ("measure", "title", "value", "limit", "over")} for row in self.budgets
            ],
        }


def check_release(
    audit: Path | None,
    inputs: Mapping[str, Path],
    *,
    objections: Sequence[str],
    budgets: Path | None = None,
    override: str = "",
) -> Gate:
    """Check an audit before a release.

    Args:
        audit: The file that `deid audit` wrote.
        inputs: The files behind the release, by the audit's names for them, see `audited_inputs`.
        objections: Objections to the pipeline, see `pipeline_objections`.
        budgets: TOML file in place of the package's budgets; the audit is compared with them.
        override: A reason to release although the gate refuses.

    Returns:
        The gate's finding.

    Raises:
        DeidError: The gate refuses, and there is no override; the message has every reason.
    """
    found = _read(audit)
    measured = found if found and "notes" in found else None
    verdict = judge(measured, load_budgets(budgets)) if measured else NO_VERDICT
    reasons = [*_reasons(audit, found, inputs, verdict), *objections]
    if reasons and not override.strip():
        raise DeidError(
            f"The release gate refuses: {'; '.join(reasons)}. Remedy: correct that and run `deid audit` again. "
            "--override REASON releases nevertheless; the wheel's metadata and model card state the reason."
        )
    return Gate(reasons, override.strip(), measured, verdict["budgets"])


def audited_inputs(corpus: Path, synthetic: Path) -> dict[str, Path]:
    """Return the files that the audit of a release must have read, by the audit's names for them."""
    return {"synthetic": synthetic, "members": corpus / "train.spacy", "heldout": heldout_file(corpus)}


def _read(audit: Path | None) -> dict[str, Any] | None:
    try:
        found = srsly.read_json(audit) if audit else None
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("inputs"), dict) else None


def _reasons(
    audit: Path | None, found: dict[str, Any] | None, inputs: Mapping[str, Path], verdict: Mapping[str, Any]
) -> list[str]:
    if audit is None:
        return ["no audit was given"]
    if found is None:
        return [f"the audit {audit} is missing or damaged"]
    if "notes" not in found:
        return [f"the audit could not be made ({found.get('refused')})"]
    reasons = [f"the {name} notes are not those that were audited" for name in stale(found, inputs)]
    reasons += [f"the audit has not measured {measure}" for measure in verdict["not_measured"]]
    over = [row for row in verdict["budgets"] if row["over"]]
    return reasons + [f"over budget: {row['title']} ({row['value']:.4g}, limit {row['limit']:.4g})" for row in over]


def pipeline_objections(model: Path, synthetic: Path, provenance: Provenance) -> list[str]:
    """Return the objections to a pipeline that is not the audited and scored student.

    By the hashes in its metadata, its training data may be the audited notes and the public notes of `deid corpus`, and
    nothing else.

    Args:
        model: The pipeline's directory.
        synthetic: Folder of the audited synthetic notes.
        provenance: The figures of the earlier stages.

    Raises:
        DeidError: ``model`` is not the directory of a pipeline.
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
            "the pipeline does not state its training data (it does with deid.TrainedOn.v1 in its config, as in "
            "configs/quick/ner.cfg)"
        ]
    others = [name for name, hashes in trained_on.items() if not audited.issuperset(hashes)]
    if not others:
        return []
    kinds = ", ".join(others)
    return [f"the pipeline was trained on notes that are neither the audited synthetic ones nor public ({kinds})"]
