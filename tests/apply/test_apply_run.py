"""`apply` over folders and files: the outputs, the manifest and the summary."""

import hashlib
import io
import json

import pytest
from folders import snapshot, write_notes

from spacy_deid.apply.document import Document, Leaf, distributed
from spacy_deid.apply.redactor import Redactor
from spacy_deid.apply.run import apply
from spacy_deid.apply.settings import Settings, redactor
from spacy_deid.apply.stream import apply_stream
from spacy_deid.apply.windows import windows
from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.offsets import Replacement


def test_folders_keep_their_form_and_the_manifest_states_the_counts(model, source, out, note):
    (source / "ward").mkdir()
    (source / "ward" / "a.TXT").write_bytes(note[0].encode("utf8"))
    (source / "b.csv").write_text("text\nZutana\nPlonk\n", "utf8")
    (source / ".hidden").write_text("Zutana", "utf8")
    summary = apply(str(model), source, out, quiet=True)
    assert snapshot(out) == {"ward/a.TXT": note[1].encode("utf8"), "b.csv": b"text\n[NAME]\n[OTHER]\n"}
    manifest = json.loads((out / "deid-manifest.json").read_text("utf8"))
    assert manifest["documents"] == summary.documents == 3
    assert manifest["redacted"] == {"DATE": 1, "ID": 1, "NAME": 3, "OTHER": 1}
    assert manifest["unknown_labels"] == summary.unknown == {"UNHEARD_OF": 1}
    assert manifest["policy"]["name"] == "mask"
    assert set(manifest["model"]) == {"name", "version", "sha256"}
    files = {each["output"]: each for each in manifest["files"]}
    for name in ("ward/a.TXT", "b.csv"):
        assert files[name]["sha256"] == hashlib.sha256((out / name).read_bytes()).hexdigest()
    written = (out / "deid-manifest.json").read_text("utf8") + (
        out.parent / ".out.deid-apply" / "journal.sqlite"
    ).read_bytes().decode("latin1")
    assert not any(word in written for word in ("Zutana", "Quiroga", "780412", "Plonk"))
    assert [path.stat().st_mode & 0o077 for path in (out / "b.csv", out / "ward" / "a.TXT")] == [0, 0]


def test_two_processes_write_what_one_does(model, source, out, tmp_path):
    write_notes(source, 30)
    apply(str(model), source, out, quiet=True)
    apply(str(model), source, tmp_path / "two", Settings(processes=2), quiet=True)
    assert snapshot(tmp_path / "two") == snapshot(out)
    assert (tmp_path / "two" / "deid-manifest.json").read_text() == (out / "deid-manifest.json").read_text()


def test_standard_input_is_a_document_or_a_table(nlp):
    target = io.BytesIO()
    apply_stream(nlp, io.BytesIO(b"Zutana ringde"), target, "txt")
    assert target.getvalue() == b"[NAME] ringde"
    target = io.BytesIO()
    summary = apply_stream(nlp, io.BytesIO(b'{"text": "Bo"}\n{"text": 1}\n{"text": "x"}'), target, "jsonl")
    assert target.getvalue() == b'{"text": "[NAME]"}\n{"text": "x"}'
    assert [(each.document, each.reason) for each in summary.failed] == [("-, row 2", "the field 'text' holds no text")]


def test_the_pipelines_own_policy_counts_unless_another_is_named(nlp, source, tmp_path):
    nlp.add_pipe("deid_redact", config={"mode": "index"})
    (source / "a.txt").write_text("Zutana, Bo", "utf8")
    apply(nlp, source, tmp_path / "own", quiet=True)
    apply(nlp, source, tmp_path / "other", Settings(policy="mask"), quiet=True)
    assert (tmp_path / "own" / "a.txt").read_text() == "[NAME_1], [NAME_2]"
    assert (tmp_path / "other" / "a.txt").read_text() == "[NAME], [NAME]"
    assert nlp("Bo")._.deid_text == "[NAME_1]"  # the pipeline is as it was


def test_a_key_and_patients_decide_which_replacements_are_equal(nlp, source, tmp_path, key_file):
    rows = [("1", "a"), ("2", "a"), ("3", "b")]
    (source / "a.csv").write_text("id,patient,text\n" + "".join(f"{row},{who},Bo\n" for row, who in rows), "utf8")
    (source / "hash.toml").write_text('default = "hash"', "utf8")
    policy = str(source.rename(tmp_path / "inputs") / "hash.toml")
    settings = Settings(policy, key_file, "patient", id_column="id", patient_column="patient")
    apply(nlp, tmp_path / "inputs" / "a.csv", tmp_path / "a.csv", settings, quiet=True)
    first, second, third = [line.split(",")[2] for line in (tmp_path / "a.csv").read_text().splitlines()[1:]]
    assert first == second != third
    with pytest.raises(DeidError, match="no key"):
        apply(nlp, tmp_path / "inputs" / "a.csv", tmp_path / "b.csv", Settings(scope="project"), quiet=True)


# --- long texts


@pytest.mark.parametrize("text", ["x" * 1000, "ab cd\n" * 300, "Hej. Du.\n\n" * 100, ""])
def test_windows_hold_every_character_once(text):
    pieces = windows(text, 64)
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= 64
    if "\n" in text:
        assert all(piece.endswith("\n") for piece in pieces[:-1])


def test_nothing_of_a_long_text_is_cut_off(nlp, source, out, monkeypatch):
    monkeypatch.setattr("spacy_deid.apply.redactor.LONGEST", 500)
    nlp.add_pipe("deid_merge")  # finds again what another window named
    text = "Quiroga ringde.\n" + "Patienten mår bra.\n" * 200 + "Zutana Quiroga och QUIROGA sov.\n"
    (source / "a.txt").write_text(text, "utf8")
    assert apply(nlp, source, out, quiet=True).failed == []
    expected = text.replace("Zutana Quiroga", "[NAME]").replace("QUIROGA", "[NAME]").replace("Quiroga", "[NAME]")
    assert (out / "a.txt").read_text("utf8") == expected


def test_a_text_longer_than_spacy_reads_at_once(source, out):
    line = "Zutana mår bra, sover gott och äter som hon ska enligt planen.\n"
    (source / "a.txt").write_text(line * 5_000, "utf8")
    nlp = fine_blank("sv")
    nlp.max_length = 100_000
    assert apply(nlp, source, out, quiet=True).failed == []
    assert (out / "a.txt").read_text("utf8") == line * 5_000


# --- replacements over leaves


def test_a_replacement_over_leaves_stands_in_the_first():
    leaves = [Leaf("Anna"), Leaf("Ek", ""), Leaf("kom"), Leaf("ensam", " ")]
    assert Document(leaves).text == "AnnaEk\n\nkom ensam"
    assert distributed(leaves, [Replacement(2, 9, "[X]"), Replacement(13, 14, "")]) == ["An[X]", "", "om", "esam"]


def test_entities_that_overlap_a_labelled_leaf_keep_what_is_outside(nlp):
    with redactor(nlp, Settings()) as redact:
        (redacted,) = redact([Document([Leaf("Zutana", "", "ID"), Leaf(" Quiroga", "")])])
    assert redacted.leaves == ["[ID]", " [NAME]"]
    assert isinstance(redact, Redactor)
