"""The folder of a format that keeps each note in its own files.

An optional ``groups.tsv`` (note id, tab, group) in it gives the patient or source of each note.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spacy_deid.errors import DeidError
from spacy_deid.files import PRIVATE, read_lines

_GROUPS = "groups.tsv"


def read_groups(folder: Path) -> dict[str, str]:
    """Return the group of each note in the folder's groups.tsv; none if there is no such file."""
    path = folder / _GROUPS
    groups = {}
    for number, line in enumerate(read_lines(path) if path.exists() else [], start=1):
        if line:
            note_id, tab, group = line.partition("\t")
            if not (note_id and tab and group):
                raise DeidError(f"{path}, line {number} is malformed. Remedy: write a note id, a tab and a group.")
            groups[note_id] = group
    return groups


class NewFolder:
    """A folder to which notes are being written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._groups: dict[str, str] = {}

    def add(self, id: str, group: str, **contents: str) -> None:
        """Write a note's files and remember its group.

        Args:
            id: Id of the note, which names its files.
            group: Group of the note.
            contents: Content by suffix, such as ``txt="..."``.

        Raises:
            DeidError: The id cannot name a file.
        """
        if Path(id).name != id:
            raise DeidError(f"The note id {id!r} cannot name a file. Remedy: write JSONL instead.")
        for suffix, content in contents.items():
            self._write(f"{id}.{suffix}", content)
        self._groups[id] = group

    def write_groups(self) -> None:
        """Write groups.tsv for the notes added."""
        self._write(_GROUPS, "".join(f"{id}\t{group}\n" for id, group in self._groups.items()))

    def _write(self, name: str, text: str) -> None:
        path = self._path / name
        path.write_text(text, "utf8", newline="")
        path.chmod(PRIVATE)


@contextmanager
def new_folder(folder: Path) -> Iterator[NewFolder]:
    """Yield the new or empty ``folder`` for adding notes: all are written or none; readable by the owner only."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DeidError(f"{folder} is not empty. Remedy: name a new folder, so that it holds no other notes.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as name:
        temporary = Path(name, "notes")
        temporary.mkdir(mode=0o700)
        notes = NewFolder(temporary)
        yield notes
        notes.write_groups()
        temporary.replace(folder)
