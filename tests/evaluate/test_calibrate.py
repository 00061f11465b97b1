"""`deid calibrate`: points are chosen on held-out notes, stay in the pipeline, and hold for all later commands."""

import json
from pathlib import Path

import pytest
import spacy
import srsly
from spacy.language import Language
from spacy.tokens import DocBin
from token_pipeline import NOTES, trained
from typer.testing import CliRunner

from spacy_deid.annotate.operating_points import NAMES
from spacy_deid.apply.windows import read_long
from spacy_deid.cli import app
from spacy_deid.evaluate.operating_points import LIMITS, THRESHOLDS
from spacy_deid.extensions import char_spans
from spacy_deid.files import sha256
from spacy_deid.markup import parse
from spacy_deid.training.callbacks import TRAINED_ON

HELD_OUT = (*NOTES, "<NAME>Eva Xylander</NAME> sov hit.", "Den <DATE>5 juli</DATE> kom ingen gott.")
LOOSE = ("--balanced", "0.3", "--careful", "0.6", "--strict", "1")


def deid(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


def write_notes(path: Path, notes=HELD_OUT) -> Path:
    nlp, docs = spacy.blank("sv"), []
    for number, (text, spans) in enumerate(map(parse, notes)):
        doc = nlp.make_doc(text)
        doc._.deid_id, doc._.deid_gold = f"n{number}", [list(span) for span in spans]
        docs.append(doc)
    DocBin(docs=docs, store_user_data=True).to_disk(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with a pipeline that has learnt a little, held-out notes, and the calibrated pipeline."""
    folder = tmp_path_factory.mktemp("calibrate")
    trained("deid_rules", "deid_merge", steps=8).to_disk(folder / "model")
    write_notes(folder / "held_out.spacy")
    result = deid("calibrate", folder / "model", folder / "held_out.spacy", folder / "calibrated", *LOOSE)
    assert result.exit_code == 0, result.output
    (folder / "printed").write_text(result.output)
    return folder


def at(folder: Path, point: str | None) -> Language:
    return spacy.load(folder / "calibrated", config={"components": {"deid_merge": {"operating_point": point}}})


def found(nlp: Language, text: str) -> set[int]:
    return {at for span in char_spans(nlp(text)) for at in range(span.start, span.end)}


def test_each_point_is_the_lowest_threshold_within_its_limit(folder) -> None:
    points = at(folder, None).get_pipe("deid_merge").points
    over = {of.threshold: of.over_redaction["value"] for of in points.curve}

    assert tuple(over) == THRESHOLDS
    assert list(points.thresholds) == list(NAMES)
    for name, limit in (("balanced", 0.3), ("careful", 0.6), ("strict", 1)):
        chosen = points.thresholds[name]
        assert over[chosen] <= limit
        lower = THRESHOLDS.index(chosen) + 1
        assert lower == len(THRESHOLDS) or over[THRESHOLDS[lower]] > limit


def test_recall_and_over_redaction_never_fall_along_the_curve_of_the_points(folder) -> None:
    points = at(folder, None).get_pipe("deid_merge").points
    rows = [of for name in NAMES for of in points.curve if of.threshold == points.thresholds[name]]
    for figure in ("character_recall", "over_redaction"):
        values = [getattr(of, figure)["value"] for of in rows]
        assert values == sorted(values)


def test_the_calibrated_pipeline_has_what_was_measured(folder) -> None:
    printed = json.loads(deid_metrics(folder, "careful").read_text())["scores"]
    points = at(folder, None).get_pipe("deid_merge").points
    (careful,) = [of for of in points.curve if of.threshold == points.thresholds["careful"]]

    for figure in ("character_recall", "over_redaction", "fully_redacted"):
        assert printed[figure]["value"] == getattr(careful, figure)["value"]


def deid_metrics(folder: Path, point: str) -> Path:
    output = folder / f"{point}.json"
    result = deid("evaluate", folder / "calibrated", folder / "held_out.spacy", output, "--operating-point", point)
    assert result.exit_code == 0, result.output
    return output


def test_without_a_point_its_own_threshold_holds_on_the_calibrated_probabilities(folder) -> None:
    nlp = at(folder, None)
    assert nlp.get_pipe("deid_ner").threshold == 0.5
    for text, _ in map(parse, HELD_OUT):
        doc = nlp(text)
        assert all(span._.deid_score >= 0.5 for span in doc.spans["deid_model"])


def test_the_table_shows_the_points_and_the_reliability(folder) -> None:
    printed = (folder / "printed").read_text()
    assert all(name in printed for name in NAMES)
    assert "5 held-out notes" in printed
    assert "Expected calibration error" in printed


def test_no_word_of_the_held_out_notes_is_in_the_pipeline(folder) -> None:
    held = [file for file in (folder / "calibrated").rglob("*") if file.is_file() and b"Xylander" in file.read_bytes()]
    assert held == []


def test_evaluation_shows_the_curve_on_its_own_notes(folder) -> None:
    metrics = json.loads(deid_metrics(folder, "strict").read_text())

    assert metrics["operating_point"] == "strict"
    assert [of["threshold"] for of in metrics["operating_points"]["curve"]] == list(THRESHOLDS)
    page = folder / "report.html"
    assert deid("report", page, f"student={folder / 'strict.json'}").exit_code == 0
    assert "Operating points" in page.read_text()


def test_apply_redacts_more_at_a_stricter_point_and_its_manifest_says_so(folder) -> None:
    source = folder / "note.txt"
    source.write_text(parse(HELD_OUT[3])[0])

    for point in ("balanced", "strict"):
        out = folder / f"{point}.txt"
        assert deid("apply", folder / "calibrated", source, out, "--operating-point", point).exit_code == 0
        assert srsly.read_json(f"{out}.deid-manifest.json")["operating_point"] == point
    assert "Xylander" not in (folder / "strict.txt").read_text()


def test_a_text_that_is_read_in_windows_keeps_its_candidates(folder) -> None:
    texts = [parse(note)[0] for note in HELD_OUT]
    nlp = at(folder, "strict")

    long = read_long(nlp, "\n\n".join(texts), None, longest=40)

    alone = {token.text for doc in nlp.pipe(texts) for token in doc if token.ent_type}
    assert alone
    assert alone <= {token.text for token in long if token.ent_type}


# --- errors


def test_training_notes_are_no_held_out_notes(folder, tmp_path) -> None:
    nlp = spacy.load(folder / "model")
    nlp.meta[TRAINED_ON] = {"train": [sha256(folder / "held_out.spacy")], "dev": []}
    nlp.to_disk(tmp_path / "model")

    result = deid("calibrate", tmp_path / "model", folder / "held_out.spacy", tmp_path / "out")

    assert result.exit_code == 1
    assert "training notes" in result.output
    assert not (tmp_path / "out").exists()


def test_a_limit_that_no_threshold_keeps_is_an_error(folder, tmp_path) -> None:
    notes = write_notes(tmp_path / "unmarked.spacy", ["<NAME>Zz</NAME>", *(parse(note)[0] for note in NOTES)])
    result = deid("calibrate", folder / "model", notes, tmp_path / "out", "--balanced", "0")
    assert result.exit_code == 1
    assert "--balanced" in result.output


def test_a_pipeline_without_deid_ner_cannot_be_calibrated(folder, tmp_path) -> None:
    nlp = spacy.blank("sv")
    nlp.add_pipe("deid_merge")
    nlp.to_disk(tmp_path / "model")
    result = deid("calibrate", tmp_path / "model", folder / "held_out.spacy", tmp_path / "out")
    assert result.exit_code == 1
    assert "has no deid_ner" in result.output


def test_the_limits_rise_from_point_to_point() -> None:
    assert list(LIMITS) == list(NAMES)
    assert sorted(LIMITS.values()) == list(LIMITS.values())
