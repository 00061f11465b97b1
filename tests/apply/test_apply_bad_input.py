"""Bad input ends in one clear line and exit status 1; originals are untouched, and the other documents are written."""

import json
import os
import zipfile
from pathlib import Path

import docx
import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from spacy_deid.cli import app

PERSON = "Zutana"


def deid(*arguments):
    return CliRunner().invoke(app, ["apply", *map(str, arguments), "--quiet"])


def bytes_in(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def refused(model, source, tmp_path):
    """Runs apply, which must write nothing; returns its one line."""

    def run(source=source, out=tmp_path / "out", *options):
        before = bytes_in(tmp_path)
        result = deid(model, source, out, *options)
        assert result.exit_code == 1, result.output
        assert PERSON not in result.output
        after = {path: data for path, data in bytes_in(tmp_path).items() if ".deid-apply" not in str(path)}
        assert {path: data for path, data in after.items() if path.name != "deid-manifest.json"} == before
        line, *more = result.stderr.strip().splitlines()
        assert not more or more == ["✘ 1 of 1 documents were not written."]
        return line

    return run


def damaged_zip(path):
    document = docx.Document()
    document.add_paragraph(PERSON)
    document.save(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def damaged_xml(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("[Content_Types].xml", f"<Types>{PERSON}")


def damaged_parquet(path):
    parquet.write_table(pa.table({"text": [PERSON] * 1000}), path)
    data = bytearray(path.read_bytes())
    data[20:40] = b"\0" * 20
    path.write_bytes(data)


def embedding(path):
    document = docx.Document()
    part = docx.opc.part.Part(docx.opc.packuri.PackURI("/word/embeddings/a.xlsx"), "application/x-sheet", b"x")
    document.part.relate_to(part, "http://x/package")
    document.save(path)


def strict(path):
    document = docx.Document()
    document.add_paragraph(PERSON)
    document.save(path)
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    kinds = {
        b"schemas.openxmlformats.org/wordprocessingml/2006/main": b"purl.oclc.org/ooxml/wordprocessingml/main",
        b"schemas.openxmlformats.org/officeDocument/2006": b"purl.oclc.org/ooxml/officeDocument",
    }
    with zipfile.ZipFile(path, "w") as file:
        for name, data in parts.items():
            for usual, other in kinds.items():
                data = data.replace(usual, other)
            file.writestr(name, data)


def wrote(text):
    return lambda path: path.write_text(text, "utf8")


UNREADABLE = [
    ("a.docx", damaged_zip, "not a .docx file, or a damaged one"),
    ("a.docx", damaged_xml, "not a .docx file, or a damaged one"),
    ("a.docx", wrote(PERSON), "not a .docx file, or a damaged one"),
    ("a.docx", embedding, "a part that is not read"),
    ("a.docx", strict, "Strict Open XML"),
    ("a.parquet", wrote(PERSON), "not a Parquet file, or a damaged one"),
    ("a.parquet", damaged_parquet, "a damaged Parquet file"),
    ("a.parquet", lambda path: parquet.write_table(pa.table({"note": [PERSON]}), path), "no column 'text'"),
    ("a.parquet", lambda path: parquet.write_table(pa.table({"text": [1]}), path), "is of type int64, not of text"),
    ("a.csv", wrote(f"note,{PERSON}\nx,y\n"), "no column 'text'"),
    ("a.csv", wrote(""), "the file is empty"),
    ("a.json", wrote(f'{{"text": "{PERSON}"'), "not a JSON file"),
    ("a.json", wrote(f'["{PERSON}"]'), "not a FHIR resource"),
    ("a.json", wrote(f'{{"resourceType": "Bundle", "entry": ["{PERSON}"]}}'), "not a FHIR Bundle"),
    ("a.json", wrote(f'{{"resourceType": "Bundle", "entry": [{{"resource": "{PERSON}"}}]}}'), "not a FHIR Bundle"),
    ("a.json", wrote('{"resourceType": "Bundle", "entry": [{"resource": null}]}'), "not a FHIR Bundle"),
    ("a.json", wrote(f'{{"resourceType": "Bundle", "entry": {{"{PERSON}": {{}}}}}}'), "not a FHIR Bundle"),
    ("a.json", wrote('{"resourceType": "Binary", "data": "AAAA/w=="}'), "an attachment that is not text"),
    ("a.txt", lambda path: path.write_bytes(b"Zutana \xe5"), "the byte at offset 7 is not UTF-8"),
    ("a.pdf", wrote(PERSON), ".pdf is not a format that is read"),
]


@pytest.mark.parametrize(("name", "write", "reason"), UNREADABLE)
def test_an_unreadable_file_is_told_of_and_not_written(refused, source, name, write, reason):
    write(source / name)
    line = refused()
    assert line.startswith(f"✘ {name}: ")
    assert reason in line


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"text": "Zutana"', "not a line of JSON"),
        ('["Zutana"]', "not a JSON object"),
        ('{"note": "Zutana"}', "no field 'text' (--column). Remedy: name the fields as the lines do"),
        ('{"text": ["Zutana"]}', "the field 'text' holds no text"),
    ],
)
def test_an_unreadable_line_is_set_aside_and_the_others_are_written(model, source, tmp_path, row, reason):
    (source / "a.jsonl").write_text(f'{{"text": "a"}}\n{row}\n{{"text": "b"}}\n', "utf8")
    result = deid(model, source, tmp_path / "out")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [f"✘ a.jsonl, row 2: {reason}", "✘ 1 of 3 documents were not written."]
    assert (tmp_path / "out" / "a.jsonl").read_text("utf8") == '{"text": "a"}\n{"text": "b"}\n'


@pytest.mark.parametrize(
    ("row", "reason"), [(b"1,Zutana,x", "3 fields under a header of 2"), (b"1,\xff", "not UTF-8"), (b"1", "1 fields")]
)
def test_an_unreadable_row_is_set_aside_and_the_others_are_written(model, source, tmp_path, row, reason):
    (source / "a.csv").write_bytes(b"id,text\n0,a\n" + row + b"\n2,b\n")
    result = deid(model, source, tmp_path / "out")
    assert (result.exit_code, reason in result.stderr) == (1, True)
    assert (tmp_path / "out" / "a.csv").read_bytes() == b"id,text\n0,a\n2,b\n"


def test_an_unknown_label_is_redacted_and_said(model, source, tmp_path):
    (source / "a.txt").write_text("Plonk kom.", "utf8")
    result = deid(model, source, tmp_path / "out")
    assert result.exit_code == 0
    assert result.stderr == "⚠ UNHEARD_OF is not in labels.toml: 1 spans, redacted as OTHER\n"
    assert (tmp_path / "out" / "a.txt").read_text("utf8") == "[OTHER] kom."


@pytest.mark.parametrize("place", ["in", "in/out", ".", "link"])
def test_out_is_apart_from_in(refused, source, tmp_path, place):
    (source / "a.txt").write_text(PERSON, "utf8")
    (tmp_path / "link").symlink_to(source)
    assert "IN" in refused(source, tmp_path / place)


def test_one_file_is_not_written_onto_itself(refused, source, tmp_path):
    (source / "a.txt").write_text(PERSON, "utf8")
    os.link(source / "a.txt", tmp_path / "b.txt")
    assert "no original is touched" in refused(source / "a.txt", source / "a.txt")
    assert "no original is touched" in refused(source / "a.txt", tmp_path / "b.txt")


def test_out_that_somebody_else_made_is_left_alone(refused, source, tmp_path):
    (source / "a.txt").write_text(PERSON, "utf8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "theirs.txt").write_text("x", "utf8")
    assert "was not begun by this command" in refused()
    assert "was not begun by this command" in refused(source / "a.txt", tmp_path / "out" / "theirs.txt")


@pytest.mark.parametrize("target", [".", "..", "loop", "absent"])
def test_links_that_lead_nowhere_or_round(refused, source, target):
    (source / "ward").mkdir()
    (source / "ward" / "loop").symlink_to(target)
    assert f"The symbolic link {source}/ward/loop leads" in refused()


@pytest.mark.parametrize("names", [("a.txt", "A.txt"), ("\u00e5.txt", "a\u030a.txt")])
def test_names_that_are_one_on_other_computers(refused, source, names):
    for name in names:
        (source / name).write_text("x", "utf8")
    if len(list(source.iterdir())) < 2:
        pytest.skip("this file system ignores case or Unicode form")
    assert "differ in case or Unicode form only" in refused()


@pytest.mark.parametrize(
    ("policy", "named"), [('[categories]\nNAMN = "mask"', "'NAMN'"), ('[categories]\nNAME = "blank"', "'blank'")]
)
def test_a_policy_of_unknown_categories_or_modes(refused, source, tmp_path, policy, named):
    (tmp_path / "own.toml").write_text(policy, "utf8")
    assert named in refused(source, tmp_path / "out", "--policy", tmp_path / "own.toml")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--policy", "absent"), "absent"),
        (("--key", "absent"), "key"),
        (("--scope", "project"), "no key"),
    ],
)
def test_wrong_options(refused, source, tmp_path, options, named, monkeypatch):
    monkeypatch.delenv("SPACY_DEID_KEY", raising=False)
    assert named in refused(source, tmp_path / "out", *options)


def test_absent_model_or_input(refused, source, tmp_path):
    assert "There is no" in refused(tmp_path / "absent")
    result = deid(tmp_path / "absent", source, tmp_path / "out")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "There is no pipeline" in result.stderr


def test_a_target_that_cannot_be_written(refused, source, tmp_path):
    (tmp_path / "file").write_text("x", "utf8")
    (source / "a.txt").write_text(PERSON, "utf8")
    assert str(tmp_path / "file") in refused(source, tmp_path / "file" / "out")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_target(refused, source, tmp_path):
    (source / "a.txt").write_text(PERSON, "utf8")
    (tmp_path / "fixed").mkdir(mode=0o500)
    assert "Permission denied" in refused(source, tmp_path / "fixed" / "out")


def test_a_read_only_target_in_the_middle_of_a_run(refused, source, monkeypatch):
    (source / "a.txt").write_text(PERSON, "utf8")

    replace = Path.replace

    def refuse(self, target):
        if target.name == "a.txt":
            raise PermissionError(13, "Permission denied", str(self))
        return replace(self, target)

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    line = refused()
    assert line.startswith("✘ Permission denied: ")
    assert line.endswith("out/a.txt")


def test_a_package_that_is_missing_is_named_with_its_extra(refused, source, monkeypatch):
    (source / "a.docx").write_bytes(b"")
    monkeypatch.setattr("spacy_deid.apply.formats.registry.find_spec", lambda name: None)
    assert "[documents]" in refused()


def test_a_process_that_dies_is_told_of(refused, source, monkeypatch):
    monkeypatch.setattr("spacy_deid.apply.redactor.Redactor.__call__", lambda *_: os._exit(1))
    (source / "a.txt").write_text(PERSON, "utf8")
    out = source.parent / "out"
    assert "fewer --processes" in refused(source, out, "--processes", "2")


def test_a_failure_leaves_no_text_in_the_manifest(model, source, tmp_path, failures):
    (source / f"{PERSON}.docx").write_bytes(b"")
    result = deid(model, source, tmp_path / "out")
    assert result.exit_code == 1
    (document,) = failures(tmp_path / "out" / "deid-manifest.json")
    assert document.startswith("document-")
    assert PERSON not in json.dumps((tmp_path / "out" / "deid-manifest.json").read_text("utf8"))
