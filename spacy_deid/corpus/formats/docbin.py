"""DocBin, spaCy's own file format, in which this package keeps corpora."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import srsly
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.note import Note, to_note
from spacy_deid.errors import DeidError
from spacy_deid.files import atomic


def read(path: Path, intake: Intake) -> Iterator[Note]:
    """Yield the notes of a file in their order; Docs without an id are numbered after the file's name."""
    return (note for note, _ in read_with_docs(path, intake))


def read_with_docs(path: Path, intake: Intake) -> Iterator[tuple[Note, Doc]]:
    """Yield the notes of `read`, each with its Doc."""
    for number, doc in enumerate(read_docs(path, Vocab()), start=1):
        note = to_note(doc)
        note_id = note.id or f"{path.stem}-{number:05}"
        where = f"{path}, note {note_id}"
        spans = [intake.span(*span, length=len(note.text), where=where) for span in note.spans]
        checked = intake.note(note_id, note.text, spans, where=where, group=note.group)
        if checked:
            yield checked, doc


def read_docs(path: Path, vocab: Vocab) -> Iterator[Doc]:
    """Yield the Docs of a file; raises DeidError if it is not a DocBin."""
    if not path.is_file():
        raise DeidError(f"{path} is not a file. Remedy: make it with `python -m spacy deid convert`.")
    try:
        docbin = DocBin().from_bytes(path.read_bytes())
    except Exception as error:  # zlib, msgpack and spaCy each raise their own
        raise DeidError(f"{path} is not a DocBin ({type(error).__name__}). Remedy: make the file again.") from None
    yield from docbin.get_docs(vocab)


def write(docs: Iterable[Doc], path: Path) -> None:
    """Write Docs with spacy-deid's attributes, whole or not at all; readable by the owner only."""
    write_all({path: docs})


def write_all(files: Mapping[Path, Iterable[Doc]]) -> None:
    """Write several files like `write`; none is put in place before all are written."""
    with ExitStack() as in_place:
        for path, docs in files.items():
            temporary = in_place.enter_context(atomic(path))
            temporary.write_bytes(_packed(list(docs)).to_bytes())


def _packed(docs: list[Doc]) -> DocBin:
    """Pack Docs with this package's attributes only: a transformer, for example, leaves all its vectors on a Doc."""
    packed = DocBin(docs=docs)
    packed.store_user_data = True
    packed.user_data = [srsly.msgpack_dumps(_own_attributes(doc)) for doc in docs]
    return packed


def _own_attributes(doc: Doc) -> dict[Any, Any]:
    # spaCy keeps an extension attribute under ("._.", name, start, end)
    return {
        key: value
        for key, value in doc.user_data.items()
        if isinstance(key, tuple) and key[0] == "._." and key[1].startswith("deid_")
    }
