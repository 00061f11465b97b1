import pytest
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.corpus.convert import convert, read_corpus
from spacy_deid.corpus.formats import inline
from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.note import to_note
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan

MARKED = {"n1": "\ufeffPat <NAME>Ana\r\nEk</NAME>, K &lt; 4 &amp; <AGE>54 år</AGE>\r\n", "n2": "🙂 inget"}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, content in MARKED.items():
        (folder / f"{name}.txt").write_bytes(content.encode())
    return folder


def read(path, **options):
    return list(inline.read(path, Intake(**options)))


def test_offsets_are_characters_of_the_text_without_markup(folder):
    first, second = read(folder)
    assert (first.id, first.text) == ("n1", "\ufeffPat Ana\r\nEk, K < 4 & 54 år\r\n")
    assert [(first.text[start:end], label) for start, end, label in first.spans] == [
        ("Ana\r\nEk", "NAME"),
        ("54 år", "AGE"),
    ]
    assert (second.id, second.spans) == ("n2", ())


def test_a_single_file_is_one_note(folder):
    [note] = read(folder / "n2.txt")
    assert (note.id, note.text) == ("n2", MARKED["n2"])


def test_only_text_files_are_notes(folder):
    (folder / "README.md").write_text("<this> is none")
    assert len(read(folder)) == 2


def test_writing_and_reading_give_the_same_files_and_groups(folder, tmp_path):
    (folder / "groups.tsv").write_text("n1\tpatient 7\nn2\tn2\n")
    convert(folder, tmp_path / "x.spacy", format="markup", lang="sv", quiet=True)
    convert(tmp_path / "x.spacy", tmp_path / "again", to="markup", lang="sv", quiet=True)
    for path in folder.iterdir():
        written = tmp_path / "again" / path.name
        assert written.read_bytes() == path.read_bytes()
        assert written.stat().st_mode & 0o077 == 0


def test_a_note_that_brat_holds_survives_the_way_through_markup(note, as_doc, tmp_path):
    inline.write([as_doc(note.text, *note.spans)], tmp_path / "out")
    [doc] = read_corpus(tmp_path / "out", Intake(), format="markup", lang="sv", quiet=True)
    assert to_note(doc).text == note.text
    assert to_note(doc).spans == note.spans


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("Ana\n  <NAME>Ek", r"n3\.txt: .*line 2, column 3: an opening tag that is never closed"),
        ("Ana</NAME>", r"n3\.txt: .*line 1, column 4: a closing tag"),
        ("<NAME>Ana <AGE>5</AGE></NAME>", r"n3\.txt: .*line 1, column 11: a tag within a tag"),
        ("Ana, K < 4", r"n3\.txt: .*line 1, column 8: a literal <"),
        ("Ana <NOBODY>Ek</NOBODY>", r"n3\.txt: .*line 1, column 5: an unknown tag"),
        (b"Ana \xff", r"n3\.txt: the byte at offset 4 is not UTF-8"),
    ],
)
def test_bad_markup_is_an_error_with_file_line_and_column_and_no_note_text(folder, content, problem):
    (folder / "n3.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DeidError, match=problem) as error:
        read(folder)
    assert "Ana" not in str(error.value)
    assert "Ek" not in str(error.value)


def test_overlapping_spans_cannot_be_written_and_leave_nothing(as_doc, tmp_path):
    doc = as_doc("Ana Ek", CharSpan(0, 6, "NAME"), CharSpan(4, 6, "NAME"))
    with pytest.raises(DeidError, match="Note 'n1': Span 4-6 .*overlaps"):
        inline.write([doc], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_converts_a_folder(folder, tmp_path):
    out = tmp_path / "x.spacy"
    result = CliRunner().invoke(app, ["convert", str(folder), str(out), "--format", "markup", "--lang", "sv"])
    assert result.exit_code == 0, result.output
    assert "2 notes" in result.output
