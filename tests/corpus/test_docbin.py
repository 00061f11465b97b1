import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from spacy_deid.corpus.formats import docbin
from spacy_deid.corpus.intake import Intake
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan


def test_what_is_written_reads_the_same(as_doc, note, tmp_path):
    path = tmp_path / "notes.spacy"
    docbin.write([as_doc(note.text, *note.spans, (9, 12, "NAME"), id="n1")], path)
    [read] = docbin.read(path, Intake())
    assert (read.id, read.group, read.text) == ("n1", "group of n1", note.text)
    assert read.spans == tuple(sorted([*note.spans, CharSpan(9, 12, "NAME")]))
    assert path.stat().st_mode & 0o777 == 0o600


@given(text=st.text(min_size=1, max_size=30))
def test_any_text_comes_back_as_it_was(as_doc, tmp_path_factory, text):
    path = tmp_path_factory.mktemp("docbin") / "x.spacy"
    docbin.write([as_doc(text)], path)
    assert [doc.text for doc in docbin.read_docs(path, Vocab())] == [text]


def test_the_same_notes_give_the_same_bytes(as_doc, note, tmp_path):
    for name in ("a", "b"):
        docbin.write([as_doc(note.text, *note.spans)], tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_other_components_left_on_a_note_is_not_written(as_doc, note, tmp_path):
    """A transformer leaves vectors on a Doc, which cannot be packed; other attributes must not change the bytes."""
    doc = as_doc(note.text, *note.spans)
    docbin.write([doc], tmp_path / "before")
    doc.user_data["free"] = object()
    doc.user_data[("._.", "trf_data", None, None)] = object()

    docbin.write([doc], tmp_path / "after")

    assert (tmp_path / "after").read_bytes() == (tmp_path / "before").read_bytes()


def test_a_docbin_of_another_origin_brings_its_entities(tmp_path):
    nlp = spacy.blank("en")
    doc: Doc = nlp("Ana sleeps")
    doc.ents = [doc.char_span(0, 3, label="PER")]
    DocBin(docs=[doc]).to_disk(tmp_path / "x.spacy")
    [note] = docbin.read(tmp_path / "x.spacy", Intake())
    assert (note.id, note.spans) == ("x-00001", (CharSpan(0, 3, "NAME"),))


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "not a file"), (b"Ana", "not a DocBin"), (b"", "not a DocBin")]
)
def test_a_file_that_is_none_is_an_error(tmp_path, content, problem):
    if content is not None:
        (tmp_path / "x.spacy").write_bytes(content)
    with pytest.raises(DeidError, match=rf"x\.spacy is {problem}"):
        list(docbin.read(tmp_path / "x.spacy", Intake()))
