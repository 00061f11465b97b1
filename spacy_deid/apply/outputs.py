"""The places of outputs and of the run's state; every file is written whole or not at all."""

import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from spacy_deid.errors import DeidError
from spacy_deid.files import PRIVATE, write_bytes

WORK = ".deid-apply"
MANIFEST = "deid-manifest.json"
MANIFEST_BEGINS = b'{\n  "model": {\n    "name": '  # distinguishes a manifest from a document of that name
JOURNAL = "journal.sqlite"
_SECRET, _MARK = "secret", "mark"
_EARLIER = ("journal.jsonl", "lock")  # of earlier versions
_RANDOM_BYTES = 32


class Outputs:
    """The files below OUT, or the single file OUT, and the state of the run, which stays with the originals.

    The state is a hidden folder beside OUT: unfinished files, the journal, and the secret from which neutral names are
    made. It is not passed on with OUT. A hidden file in OUT marks that the two belong together.
    """

    def __init__(self, source: Path, out: Path, *, neutral_names: bool) -> None:
        """Prepare the places.

        Args:
            source: IN.
            out: OUT.
            neutral_names: Whether all outputs in a folder get neutral names.

        Raises:
            DeidError: ``out`` holds files that no earlier run wrote, or the state cannot be beside it."""
        out = out.resolve()
        self.single = out if source.is_file() else None
        self.root = out.parent if self.single else out
        self.work = out.parent / f".{out.name}{WORK}"
        self.manifest = out.parent / f"{out.name}.{MANIFEST}" if self.single else out / MANIFEST
        self.secret = b""
        self._neutral_names = neutral_names
        self._began = time.time()
        self._mark = None if self.single else out / WORK
        self._check(out)
        self.root.mkdir(parents=True, exist_ok=True)
        if not self.single and out.is_mount():
            raise DeidError(
                f"{out} is on another disk than the folder above it, which holds the state of the run. "
                f"Remedy: name a folder below it, such as {out / 'redacted'}."
            )
        self.work.mkdir(mode=0o700, exist_ok=True)

    def _check(self, out: Path) -> None:
        if self._mark is not None and self._mark.is_dir():
            raise DeidError(
                f"{out} was begun by an earlier version, which kept hashes of the originals in {self._mark} and in the "
                "manifest. Do not pass them on. Remedy: name a new OUT, and remove this one."
            )
        occupied = out.exists() and (out.is_file() or any(out.iterdir()))
        if occupied and any((self.work / name).exists() for name in _EARLIER):
            raise DeidError(
                f"{out} was begun by an earlier version, whose state in {self.work} has another format. "
                "Remedy: name a new OUT, or remove this one and that folder."
            )
        if occupied and not (self._is_marked() if self._mark else self.work.is_dir()):
            raise DeidError(f"{out} exists and was not begun by this command. Remedy: name a new place.")

    @property
    def is_new(self) -> bool:
        """Whether the state beside OUT belongs to another OUT, which is gone, or does not exist."""
        return self._mark is not None and not self._is_marked()

    def begin(self) -> None:
        """Prepare the folders; the journal must be locked, so that no other run writes here."""
        self.clean()
        self._forget(_EARLIER)
        if self._mark is not None and self.is_new:
            shutil.rmtree(self.work / "parts", ignore_errors=True)
            self._forget((_SECRET, _MARK))
            staged = self.work / "staged"
            staged.write_text(self._kept(_MARK).hex(), "ascii")
            staged.replace(self._mark)
        self.secret = self._kept(_SECRET)

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            (self.work / name).unlink(missing_ok=True)

    def _is_marked(self) -> bool:
        own = self.work / _MARK
        if self._mark is None or not self._mark.is_file() or not own.is_file():
            return False
        return self._mark.read_bytes() == own.read_bytes().hex().encode("ascii")

    def _kept(self, name: str) -> bytes:
        """Return random bytes that are the same for all runs that write to OUT."""
        path = self.work / name
        if not path.is_file():
            write_bytes(path, secrets.token_bytes(_RANDOM_BYTES))
        return path.read_bytes()

    def name(self, source: str, key: str, *, names_somebody: bool) -> str:
        """Return the name of an output below `root`.

        A name that holds an identifier (or every name, by the settings) is replaced by a neutral one, which is made
        from the key and cannot be computed without the `secret`.

        Args:
            source: The input's path below IN.
            key: The input's key in the journal.
            names_somebody: Whether the path holds a redacted value.
        """
        if self.single:
            return self.single.name
        return self.neutral(source, key) if names_somebody or self._neutral_names else source

    def neutral(self, source: str, key: str) -> str:
        """Return a name for an output that reveals nothing of its input's name."""
        return self.single.name if self.single else f"document-{key[:16]}{PurePosixPath(source).suffix.lower()}"

    def parts(self, key: str) -> Path:
        """Return the folder for the parts of an input."""
        return self.work / "parts" / key

    def part(self, key: str, first: int) -> Path:
        """Return the file for the part of an input that begins with the row ``first``."""
        return self.parts(key) / f"{first:012d}"

    @contextmanager
    def written(self, path: Path) -> Iterator[Path]:
        """Give a temporary path that becomes ``path`` when the block ends without an error.

        It does not wait for the disk: a continued run compares every file's hash with the journal.
        """
        staged = self.work / "staged"
        staged.parent.mkdir(exist_ok=True)
        try:
            yield staged
            staged.chmod(PRIVATE)
            os.utime(staged, (self._began, self._began))  # the time of writing would reveal its place among the inputs
            path.parent.mkdir(parents=True, exist_ok=True)
            staged.replace(path)
        except OSError as error:
            error.filename = str(path)  # otherwise it names a temporary file
            raise

    def move(self, name: str, to: str) -> None:
        """Rename an output, and remove the empty folders that are left."""
        (self.root / name).replace(self.root / to)
        self.remove(name)

    def remove(self, name: str) -> None:
        """Remove an output of an earlier run, and its empty folders, whose names may identify somebody too."""
        (self.root / name).unlink(missing_ok=True)
        with suppress(OSError):  # a folder that is not empty or does not exist
            for folder in PurePosixPath(name).parents[:-1]:
                (self.root / folder).rmdir()

    def clean(self) -> None:
        """Remove a half-written file."""
        (self.work / "staged").unlink(missing_ok=True)


def flush_to_disk() -> None:
    """Wait until all outputs are on the disk."""
    if hasattr(os, "sync"):
        os.sync()
