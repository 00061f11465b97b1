"""Small corpora, and functions that read them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from spacy.tokens import Doc

from spacy_deid.corpus.note import ConversionReport, Note, to_doc
from spacy_deid.extensions import CharSpan
from spacy_deid.lang.tokenization import fine_blank

TEXT = "Paciente Ana Ek,\r\n54 años 🙂. Tel 08-123."
SPANS = (CharSpan(9, 15, "NAME"), CharSpan(18, 25, "AGE"), CharSpan(33, 39, "PHONE"))


@pytest.fixture
def brat_folder(tmp_path: Path) -> Callable[..., Path]:
    """Write notes, name=(text, ann), as brat files into one folder and return it."""

    def write(**notes: tuple[str, str]) -> Path:
        folder = tmp_path / "brat"
        folder.mkdir(exist_ok=True)
        for name, (text, ann) in notes.items():
            (folder / f"{name}.txt").write_bytes(text.encode())
            (folder / f"{name}.ann").write_bytes(ann.encode())
        return folder

    return write


@pytest.fixture(scope="session")
def as_doc() -> Callable[..., Doc]:
    """Make a Doc of a text and (start, end, label) spans."""
    tokenizer = fine_blank("xx").tokenizer

    def make(text: str, *spans: tuple[int, int, str], id: str = "n1", report: ConversionReport | None = None) -> Doc:
        note = Note(id, f"group of {id}", text, tuple(CharSpan(*span) for span in spans))
        return to_doc(note, tokenizer, report or ConversionReport())

    return make


@pytest.fixture
def note() -> Note:
    """A note with CRLF, a character outside the basic plane and three spans."""
    return Note("n1", "patient 1", TEXT, SPANS)
