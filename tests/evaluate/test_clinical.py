import json
from pathlib import Path

import pytest
import spacy
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.errors import DeidError
from spacy_deid.evaluate.clinical import clinical_loss, evaluate_clinical_folder, read_kinds
from spacy_deid.lang.tokenization import fine_blank

ASSETS = Path(__file__).parents[2] / "assets"
MOST_REDACTED = 0.005


@pytest.fixture
def folder(tmp_path):
    """Two kinds; a README is not one."""
    folder = tmp_path / "clinical"
    folder.mkdir()
    (folder / "eponym.txt").write_text("Känd Parkinson.\n\nBabinski negativ.\n", "utf8")
    (folder / "drug.txt").write_text("Alvedon vid behov.\n", "utf8")
    (folder / "README.md").write_text("Parkinson", "utf8")
    return folder


@pytest.fixture
def nlp():
    """Takes Parkinson for a name."""
    nlp = spacy.blank("sv")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "NAME", "pattern": "Parkinson"}])
    return nlp


def test_each_text_file_is_a_kind_and_each_filled_line_a_note(folder):
    assert read_kinds(folder) == {"drug": ["Alvedon vid behov."], "eponym": ["Känd Parkinson.", "Babinski negativ."]}


def test_the_loss_is_the_share_of_visible_characters_and_of_lines(folder, nlp):
    drug, eponym, everything = clinical_loss(nlp, read_kinds(folder), quiet=True)
    assert (drug["kind"], eponym["kind"], everything["kind"]) == ("drug", "eponym", "all")
    assert drug["characters"] == drug["lines"] == {"value": 0, "low": 0, "high": 0}
    assert eponym["characters"]["value"] == pytest.approx(9 / (14 + 16), abs=1e-4)
    assert eponym["lines"] == {"value": 0.5, "low": 0, "high": 1}
    assert everything["count"] == 3
    assert everything["characters"]["value"] == pytest.approx(9 / (14 + 16 + 16), abs=1e-4)
    assert everything["lines"]["value"] == pytest.approx(1 / 3, abs=1e-4)


def test_the_command_prints_each_kind_and_writes_no_text(folder, nlp, tmp_path):
    nlp.to_disk(tmp_path / "model")
    out = tmp_path / "clinical.json"
    result = CliRunner().invoke(app, ["clinical-loss", str(tmp_path / "model"), str(folder), str(out)])
    assert result.exit_code == 0, result.output
    assert "eponym" in result.output
    written = out.read_text("utf8")
    assert [row["kind"] for row in json.loads(written)["kinds"]] == ["drug", "eponym", "all"]
    assert "Parkinson" not in written + result.output


def test_a_pipeline_without_the_operating_point_is_an_error(folder, nlp, tmp_path):
    nlp.to_disk(tmp_path / "model")
    out = tmp_path / "clinical.json"
    with pytest.raises(DeidError, match="deid_merge"):
        evaluate_clinical_folder(str(tmp_path / "model"), folder, out, operating_point="strict", quiet=True)
    assert not out.exists()


def test_a_folder_without_lines_is_an_error(folder):
    (folder / "code.txt").write_text("\n", "utf8")
    with pytest.raises(DeidError, match=r"code\.txt holds no lines"):
        read_kinds(folder)
    with pytest.raises(DeidError, match="elsewhere holds no lines"):
        read_kinds(folder / "elsewhere")


@pytest.mark.slow
@pytest.mark.parametrize(
    "lang",
    [
        # names of makers and of Douglas, two codes and a plan: 0.62 % of the characters on 2026-12-01
        pytest.param("sv", marks=pytest.mark.xfail(reason="the Swedish rules redact more than 0.5 %", strict=True)),
        "es",
    ],
)
def test_the_rules_leave_clinical_text(lang):
    nlp = fine_blank(lang)
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    kinds = read_kinds(ASSETS / lang / "clinical")
    assert sum(map(len, kinds.values())) >= 200
    rows = clinical_loss(nlp, kinds, quiet=True)
    assert rows[-1]["characters"]["value"] < MOST_REDACTED, [
        (row["kind"], row["characters"]["value"]) for row in rows if row["characters"]["value"]
    ]
