"""Plain documents, tables and what `apply` wrote go onto the review page, all of them or a sample."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spacy_deid.apply.formats.rows import RowSettings
from spacy_deid.cli import app
from spacy_deid.errors import DeidError
from spacy_deid.review.documents import holds_documents, notes_of, sample
from spacy_deid.review.notes import ReviewNote

TEXT = "Anna Ek kom 3/4."


def texts_of(source: Path, *columns: str, **options) -> list[str]:
    notes, failures = notes_of(source, RowSettings(columns or ("text",)), quiet=True, **options)
    assert failures == []
    return [note.text for note in notes]


def docx(path: Path) -> None:
    document = pytest.importorskip("docx").Document()
    document.add_paragraph(TEXT)
    document.save(path)


WRITTEN = {
    "note.txt": lambda path: path.write_text(TEXT),
    "notes.csv": lambda path: path.write_text(f"id,text\n1,{TEXT}\n"),
    "notes.tsv": lambda path: path.write_text(f"id\ttext\n1\t{TEXT}\n"),
    "notes.jsonl": lambda path: path.write_text(json.dumps({"id": "1", "text": TEXT}) + "\n"),
    "note.docx": docx,
    "fhir.json": lambda path: path.write_text(json.dumps({"resourceType": "Observation", "note": [{"text": TEXT}]})),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_documents_of_every_kind_are_read(tmp_path: Path, name: str) -> None:
    WRITTEN[name](tmp_path / name)
    assert [text.strip() for text in texts_of(tmp_path / name)] == [TEXT]
    assert [text.strip() for text in texts_of(tmp_path)] == [TEXT]


def test_a_corpus_is_told_from_documents_by_its_annotation(tmp_path: Path) -> None:
    (tmp_path / "n1.txt").write_text(TEXT)
    assert holds_documents(tmp_path)
    (tmp_path / "n1.ann").write_text("T1\tNAME 0 7\tAnna Ek\n")
    assert not holds_documents(tmp_path)
    record = {"id": "n1", "text": TEXT, "spans": []}
    (tmp_path / "x.jsonl").write_text(json.dumps(record) + "\n")
    assert not holds_documents(tmp_path / "x.jsonl")


def test_a_column_of_another_name_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("nr,note\n1,ett\n2,två\n")
    assert texts_of(tmp_path / "x.csv", "note") == ["ett", "två"]


@pytest.mark.parametrize("size", [1, 7, 20, 50])
def test_a_sample_has_the_size_asked_for_and_keeps_the_order(size: int) -> None:
    notes = [ReviewNote(str(number), "", "", ()) for number in range(20)]
    drawn = sample(iter(notes), size, seed=3)
    assert drawn == [note for note in notes if note in drawn]
    assert len(drawn) == min(size, 20)
    assert drawn == sample(iter(notes), size, seed=3)


def test_every_note_is_as_likely_to_be_drawn_as_any_other() -> None:
    notes = [ReviewNote(str(number), "", "", ()) for number in range(10)]
    counts = dict.fromkeys(range(10), 0)
    for seed in range(2000):
        for note in sample(iter(notes), 3, seed):
            counts[int(note.id)] += 1
    assert all(500 < count < 700 for count in counts.values())  # 600 expected, standard deviation 20


def test_the_command_samples_what_apply_wrote(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.txt").write_text(f"Not {number} om [NAME].")
    arguments = ["review", str(tmp_path), str(tmp_path / "review.html"), "--sample", "4", "--quiet"]
    result = CliRunner().invoke(app, arguments)
    assert (result.exit_code, result.output) == (0, "")
    assert (tmp_path / "review.html").read_text().count("om [NAME].") == 4


def test_what_cannot_be_read_is_named_and_the_rest_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe\x00Anna")
    out = tmp_path.parent / "review.html"
    result = CliRunner().invoke(app, ["review", str(tmp_path), str(out), "--quiet"])
    assert result.exit_code == 1
    assert "b.txt" in result.output
    assert "Anna" not in result.output
    assert TEXT in out.read_text()


def test_rows_that_cannot_be_read_for_the_same_reason_are_one_line(tmp_path: Path) -> None:
    WRITTEN["note.txt"](tmp_path / "note.txt")
    (tmp_path / "notes.jsonl").write_text('{"note": "a"}\n' * 3000)
    notes, failures = notes_of(tmp_path, RowSettings(("text",)), quiet=True)
    assert [note.text for note in notes] == [TEXT]
    [failure] = failures
    assert (failure.path, failure.documents) == ("notes.jsonl, rows 1-3000", 3000)


def test_nothing_to_read_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DeidError, match="holds no document"):
        texts_of(tmp_path)
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(DeidError, match=r"no document could be read. a.pdf: .pdf is not a format that is read"):
        texts_of(tmp_path / "a.pdf")
    (tmp_path / "b.txt").write_bytes(b"\xff")
    with pytest.raises(DeidError, match="no document could be read"):
        texts_of(tmp_path)
