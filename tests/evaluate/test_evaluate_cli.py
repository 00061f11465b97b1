import json
import subprocess
import sys

import pytest
import spacy
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.evaluate.measures import MEASURES

PERSON = "Ana Sol"


def deid(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def write_docs(path, *ids, gold=((0, 7, "FECHAS"),)):
    nlp = spacy.blank("es")
    docs = []
    for note_id in ids:
        doc = nlp.make_doc(f"{PERSON} vino ayer.")
        doc._.deid_id, doc._.deid_gold = note_id, list(gold)
        docs.append(doc)
    DocBin(docs=docs, store_user_data=True).to_disk(path)
    return path


@pytest.fixture
def gold(tmp_path):
    return write_docs(tmp_path / "gold.spacy", "a", "b")


@pytest.fixture
def model(tmp_path):
    nlp = spacy.blank("es")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "FECHAS", "pattern": PERSON}])
    nlp.to_disk(tmp_path / "model")
    return tmp_path / "model"


def test_evaluating_and_reporting(tmp_path, model, gold):
    metrics, page = tmp_path / "metrics" / "model.json", tmp_path / "index.html"
    evaluated = deid("evaluate", model, gold, metrics, "--made", "Made by hand.")
    assert evaluated.exit_code == 0
    assert "Strict F1" in evaluated.output
    assert "Made by hand." in evaluated.output
    written = json.loads(metrics.read_text())
    assert written["scores"].keys() == MEASURES.keys() == written["narrative"].keys()
    assert written["scores"]["strict_f1"] == {"value": 1, "low": 1, "high": 1}
    assert written["gold"]["notes"] == 2
    assert PERSON not in metrics.read_text()

    reported = deid("report", page, f"gold={metrics}", f"student={metrics}")
    assert reported.exit_code == 0
    assert "Gap of student" in reported.output
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert page.stat().st_mode & 0o077 == 0


def test_the_characters_read_are_printed_and_written_beside_those_given(tmp_path, model, gold):
    characters = 2 * len(f"{PERSON} vino ayer.")
    for scored in (model, write_docs(tmp_path / "system.spacy", "a", "b")):
        printed = deid("evaluate", scored, gold, tmp_path / "out.json").output
        assert f"{characters} of {characters} characters read" in printed
        written = json.loads((tmp_path / "out.json").read_text())
        assert written["characters"] == {"given": characters, "read": characters}


def test_gold_spans_are_counted_by_category(tmp_path, model):
    gold = write_docs(tmp_path / "gold.spacy", "a", gold=((0, 7, "CALLE"), (0, 7, "TERRITORIO"), (8, 12, "FECHAS")))
    deid("evaluate", model, gold, tmp_path / "out.json", "--quiet")
    described = json.loads((tmp_path / "out.json").read_text())["gold"]
    assert (described["spans"], described["labels"]) == (2, 2)


def test_the_corpus_manifest_says_how_notes_were_made(tmp_path, model, gold):
    manifest = {"inputs": {"source": {"made": "people wrote them"}}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert "people wrote them" in deid("evaluate", model, gold, tmp_path / "out.json").output


def test_predictions_made_elsewhere_are_scored_without_speed(tmp_path, gold):
    predicted = write_docs(tmp_path / "system.spacy", "b", "a", gold=[(0, 3, "FECHAS")])
    assert deid("evaluate", predicted, gold, tmp_path / "out.json", "--quiet").output == ""
    written = json.loads((tmp_path / "out.json").read_text())
    assert written["speed"] is None
    assert written["scores"]["strict_f1"]["value"] == 0
    assert written["scores"]["character_recall"]["value"] == 0.5


@pytest.mark.parametrize(("options", "found"), [((), 1), (("--model-alone",), 0)])
def test_entities_of_the_rules_are_left_out_on_request(tmp_path, options, found):
    nlp = spacy.blank("es")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    nlp.to_disk(tmp_path / "pipeline")
    doc = nlp.make_doc("Correo: ana@example.es")
    doc._.deid_id, doc._.deid_gold = "a", [(8, 22, "CORREO_ELECTRONICO")]
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "gold.spacy")
    assert (
        deid("evaluate", tmp_path / "pipeline", tmp_path / "gold.spacy", tmp_path / "m.json", *options).exit_code == 0
    )
    assert json.loads((tmp_path / "m.json").read_text())["scores"]["character_recall"]["value"] == found


BAD_INPUTS = {
    "absent model": ("absent", "gold.spacy"),
    "folder without a model": ("folder", "gold.spacy"),
    "absent gold": ("model", "absent.spacy"),
    "broken gold": ("model", "broken.spacy"),
    "gold without spans": ("model", "unmarked.spacy"),
    "predictions for other notes": ("other.spacy", "gold.spacy"),
    "predictions without rules": ("gold.spacy", "gold.spacy", "--model-alone"),
    "absent GPU": ("model", "gold.spacy", "--gpu-id", "99"),
}


@pytest.mark.usefixtures("model", "gold")
@pytest.mark.parametrize("case", BAD_INPUTS)
def test_bad_input_ends_in_one_line_and_writes_nothing(tmp_path, case):
    write_docs(tmp_path / "other.spacy", "a", "c")
    write_docs(tmp_path / "unmarked.spacy", "a", gold=())
    (tmp_path / "broken.spacy").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    model, gold, *options = BAD_INPUTS[case]
    output = tmp_path / "out.json"
    result = deid("evaluate", tmp_path / model, tmp_path / gold, output, "--quiet", *options)
    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) == 1
    assert "Remedy" in result.output
    assert PERSON not in result.output
    assert not output.exists()


def test_scoring_works_where_neither_torch_nor_matplotlib_is_installed():
    code = (
        "import sys; sys.modules |= dict.fromkeys(('torch', 'transformers', 'matplotlib')); "
        "import spacy_deid.evaluate.run, spacy_deid.evaluate.table"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
