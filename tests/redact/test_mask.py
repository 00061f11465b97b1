"""Masking leaves nothing of an identifier and everything else."""

import pytest
import spacy
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.markup import parse
from spacy_deid.redact.mask import masked


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("", ""),
        ("Inga fynd.", "Inga fynd."),
        ("<NAME>Anna Ek</NAME>", "[NAME]"),
        ("Pat <NAME>Anna</NAME><DATE>12/4</DATE>, åter <DATE>v. 34</DATE>", "Pat [NAME][DATE], åter [DATE]"),
        ("Dr <NOMBRE_PERSONAL_SANITARIO>Ruiz</NOMBRE_PERSONAL_SANITARIO>\r\n", "Dr [NAME]\r\n"),
    ],
)
def test_each_identifier_becomes_its_category(markup: str, expected: str) -> None:
    text, spans = parse(markup)
    doc = spacy.blank("sv", config={"nlp": {"tokenizer": {"@tokenizers": "deid.FineTokenizer.v1"}}})(text)
    doc.ents = [doc.char_span(*span) for span in spans]
    assert masked(doc) == expected


def test_the_command_masks_what_the_rules_find(tmp_path) -> None:
    nlp = spacy.blank("sv", config={"nlp": {"tokenizer": {"@tokenizers": "deid.FineTokenizer.v1"}}})
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    nlp.to_disk(tmp_path / "rules")
    (tmp_path / "note.txt").write_text("Nås på anna.ek@example.se, dosen är 5 mg.", "utf8")
    result = CliRunner().invoke(app, ["mask", str(tmp_path / "rules"), str(tmp_path / "note.txt")])
    assert result.exit_code == 0
    assert result.output == "Nås på [EMAIL], dosen är 5 mg.\n"


def test_an_absent_pipeline_is_named(tmp_path) -> None:
    (tmp_path / "note.txt").write_text("Inga fynd.", "utf8")
    result = CliRunner().invoke(app, ["mask", "deid_absent", str(tmp_path / "note.txt")])
    assert result.exit_code == 1
    assert "deid_absent" in result.output
