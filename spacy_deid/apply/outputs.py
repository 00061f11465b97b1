"""Where outputs are written, and how: whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from spacy_deid.errors import DeidError
from spacy_deid.files import PRIVATE

WORK = ".deid-apply"
MANIFEST = "deid-manifest.json"
MANIFEST_BEGINS = b'{\n  "model": {\n    "name": '  # what tells one of ours from a document of that name


class Outputs:
    """The files below OUT, or the one that OUT is, and a hidden folder for what is not finished."""

    def __init__(self, source: Path, out: Path, *, neutral_names: bool) -> None:
        """Raise DeidError where ``out`` holds what no earlier run wrote."""
        self.single = out if source.is_file() else None
        self.root = out.parent if self.single else out
        self.work = out.parent / f".{out.name}{WORK}" if self.single else out / WORK
        self.manifest = out.parent / f"{out.name}.{MANIFEST}" if self.single else out / MANIFEST
        self._neutral_names = neutral_names
        occupied = out.exists() and (out.is_file() or any(out.iterdir()))
        if occupied and not self.work.is_dir():
            raise DeidError(f"{out} is there and was not begun by this command. Remedy: name a new place.")
        self.root.mkdir(parents=True, exist_ok=True)
        self.work.mkdir(mode=0o700, exist_ok=True)

    def name(self, source: str, key: str, *, names_somebody: bool) -> str:
        """Return what the output of the input ``source`` is called below `root`.

        A name that holds an identifier, or every name where the settings say so, gives way to a neutral one, made of
        the key, which is a hash.
        """
        if self.single:
            return self.single.name
        return self.neutral(source, key) if names_somebody or self._neutral_names else source

    def neutral(self, source: str, key: str) -> str:
        """Return a name for the output of an input that nobody can tell its name from."""
        return self.single.name if self.single else f"document-{key[:16]}{PurePosixPath(source).suffix.lower()}"

    def parts(self, key: str) -> Path:
        """Return the folder for the parts of an input."""
        return self.work / "parts" / key

    @contextmanager
    def written(self, path: Path) -> Iterator[Path]:
        """Give a place to write; what was written there becomes ``path`` when the block ends without an error.

        It is not waited for the disk each time: a run that goes on compares every file's hash with the journal.
        """
        staged = self.work / "staged"
        staged.parent.mkdir(exist_ok=True)
        try:
            yield staged
            staged.chmod(PRIVATE)
            path.parent.mkdir(parents=True, exist_ok=True)
            staged.replace(path)
        except OSError as error:
            error.filename = str(path)  # else it names a file that the user does not know
            raise

    def remove(self, name: str) -> None:
        """Remove what an earlier run wrote, and the folders that it was alone in, whose names may tell as much."""
        (self.root / name).unlink(missing_ok=True)
        with suppress(OSError):  # a folder that is not empty, or was never made
            for folder in PurePosixPath(name).parents[:-1]:
                (self.root / folder).rmdir()

    def clean(self) -> None:
        """Remove what is half written."""
        (self.work / "staged").unlink(missing_ok=True)


def on_disk() -> None:
    """Wait until all that was written is on the disk."""
    if hasattr(os, "sync"):
        os.sync()
