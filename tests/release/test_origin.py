"""A pipeline is released that was trained on the audited notes alone and scored itself, or a reason is stated."""

from pathlib import Path

import pytest
import spacy
import srsly
from made_stages import release, save_audit, score, tell_training

from spacy_deid.corpus.formats.docbin import write


@pytest.mark.parametrize(
    ("trained_on", "said"),
    [
        (
            ["corpus/train.spacy"],
            "trained on notes that are neither the audited synthetic ones nor public (train, dev)",
        ),
        (["synthetic/train.spacy", "corpus/train.spacy"], "neither the audited synthetic ones nor public"),
        ([], "does not state its training data"),
    ],
    ids=["gold notes", "gold notes among synthetic ones", "nothing told"],
)
def test_a_pipeline_that_saw_other_notes_is_refused(trained_on, said, student: Path, stages, tmp_path: Path) -> None:
    tell_training(student, *(tmp_path / name for name in trained_on))
    score(student, tmp_path)

    result = release(student, tmp_path / "release", stages)
    assert (result.exit_code, (tmp_path / "release").exists()) == (1, False)
    assert said in result.output

    assert release(student, tmp_path / "release", stages, "--override", "for a test").exit_code == 0
    audit = srsly.read_json(tmp_path / "release" / "package.json")["deid_audit"]
    assert not audit["passed"]
    assert said in audit["reasons"][0]


def test_a_pipeline_trained_on_an_earlier_corpus_is_refused(student: Path, stages, tmp_path: Path) -> None:
    write([spacy.blank("es").make_doc("made again")], tmp_path / "synthetic" / "train.spacy")
    save_audit(tmp_path)

    result = release(student, tmp_path / "release", stages)

    assert result.exit_code == 1
    assert "neither the audited synthetic ones nor public" in result.output


def test_a_pipeline_with_the_scores_of_another_is_refused(student: Path, stages, tmp_path: Path) -> None:
    nlp = spacy.load(student)
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path / "another")

    result = release(tmp_path / "another", tmp_path / "release", stages)

    assert result.exit_code == 1
    assert "metrics are not of this pipeline" in result.output


def test_the_gate_refuses_and_an_override_is_told_to_everybody(student: Path, stages, tmp_path: Path) -> None:
    save_audit(tmp_path, identifiers={"rare": {"difference": {"low": 0.5}}})

    assert release(student, tmp_path / "release", stages).exit_code == 1
    assert not (tmp_path / "release").exists()

    assert release(student, tmp_path / "release", stages, "--override", "only within the ward").exit_code == 0
    audit = srsly.read_json(tmp_path / "release" / "package.json")["deid_audit"]
    assert (audit["passed"], audit["override"]) == (False, "only within the ward")
    card = (tmp_path / "release" / "model" / "README.md").read_text("utf8")
    for told in ("Released although the gate refused", "only within the ward", "Rare identifiers (0.5", "| over |"):
        assert told in card
