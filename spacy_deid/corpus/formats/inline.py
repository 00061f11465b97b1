"""Inline markup (spacy_deid.markup): a folder with a .txt for each note, or one .txt that is one note.

An optional ``groups.tsv`` (note id, tab, group) beside them gives the patient or source of each note.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from spacy.tokens import Doc

from spacy_deid import markup
from spacy_deid.corpus.formats.folder import new_folder, read_groups
from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.note import Note, to_note
from spacy_deid.errors import DeidError
from spacy_deid.files import read_utf8


def read(path: Path, intake: Intake) -> Iterator[Note]:
    """Yield the notes of a folder in the order of their names, or the note of one file; a note's id is its file's name.

    Raises DeidError with file, line and column for malformed markup. A tag that labels.toml does not map is always
    malformed, whatever ``intake.unknown_label`` is: it may be a literal ``<`` of the note.
    """
    files, folder = (sorted(path.glob("*.txt")), path) if path.is_dir() else ([path], path.parent)
    groups = read_groups(folder)
    for file in files:
        content = read_utf8(file)
        try:
            text, spans = markup.parse(content)
        except DeidError as error:
            raise DeidError(f"{file}: {error}") from None
        note = intake.note(file.stem, text, spans, where=str(file), group=groups.get(file.stem, ""))
        if note:
            yield note


def write(docs: Iterable[Doc], folder: Path) -> None:
    """Write Docs into the new or empty ``folder``, all of them or none; readable by the owner only.

    Raises DeidError for a note whose spans overlap: inline markup cannot hold them.
    """
    with new_folder(folder) as notes:
        for note in map(to_note, docs):
            try:
                content = markup.render(note.text, note.spans)
            except DeidError as error:
                raise DeidError(f"Note {note.id!r}: {error}") from None
            notes.add(note.id, note.group, txt=content)
