"""Where outputs are written, and how: whole or not at all."""

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
MANIFEST_BEGINS = b'{\n  "model": {\n    "name": '  # what tells one of ours from a document of that name
JOURNAL = "journal.sqlite"
_SECRET, _MARK = "secret", "mark"
_EARLIER = ("journal.jsonl", "lock")  # of earlier versions
_RANDOM_BYTES = 32


class Outputs:
    """The files below OUT, or the one file that OUT is, and the state of the run, which stays with the originals.

    The state is a hidden folder beside OUT: unfinished files, the journal, and the secret from which neutral names are
    made. It is not given away with OUT. A hidden file in OUT says that the two belong together.
    """

    def __init__(self, source: Path, out: Path, *, neutral_names: bool) -> None:
        """Raise DeidError where ``out`` holds what no earlier run wrote, or is no place for the folder beside it."""
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
                f"{out} is another disk than the folder above it, where the state of the run stands. "
                f"Remedy: name a folder below it, such as {out / 'redacted'}."
            )
        self.work.mkdir(mode=0o700, exist_ok=True)

    def _check(self, out: Path) -> None:
        if self._mark is not None and self._mark.is_dir():
            raise DeidError(
                f"{out} was begun by an earlier version, which kept hashes of the originals in {self._mark} and in the "
                "manifest. Nobody should be given them. Remedy: name a new OUT, and remove this one."
            )
        occupied = out.exists() and (out.is_file() or any(out.iterdir()))
        if occupied and any((self.work / name).exists() for name in _EARLIER):
            raise DeidError(
                f"{out} was begun by an earlier version, whose state in {self.work} is of another kind. "
                "Remedy: name a new OUT, or remove this one and that folder."
            )
        if occupied and not (self._is_marked() if self._mark else self.work.is_dir()):
            raise DeidError(f"{out} is there and was not begun by this command. Remedy: name a new place.")

    @property
    def is_new(self) -> bool:
        """Whether what is in the folder beside OUT is of another OUT, which is gone, or of none."""
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
        """Return random bytes that stay the same for all runs that write to OUT."""
        path = self.work / name
        if not path.is_file():
            write_bytes(path, secrets.token_bytes(_RANDOM_BYTES))
        return path.read_bytes()

    def name(self, source: str, key: str, *, names_somebody: bool) -> str:
        """Return what the output of the input ``source`` is called below `root`.

        A name that holds an identifier, or every name where the settings say so, gives way to a neutral one, made of
        the key, which cannot be computed without the `secret`.
        """
        if self.single:
            return self.single.name
        return self.neutral(source, key) if names_somebody or self._neutral_names else source

    def neutral(self, source: str, key: str) -> str:
        """Return a name for an output that says nothing of its input's name."""
        return self.single.name if self.single else f"document-{key[:16]}{PurePosixPath(source).suffix.lower()}"

    def parts(self, key: str) -> Path:
        """Return the folder for the parts of an input."""
        return self.work / "parts" / key

    def part(self, key: str, first: int) -> Path:
        """Return the file for the part of an input that begins with the row ``first``."""
        return self.parts(key) / f"{first:012d}"

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
            os.utime(staged, (self._began, self._began))  # the time of writing tells between which inputs it was
            path.parent.mkdir(parents=True, exist_ok=True)
            staged.replace(path)
        except OSError as error:
            error.filename = str(path)  # else it names a file that the user does not know
            raise

    def move(self, name: str, to: str) -> None:
        """Give a file that was written another name, and remove what is left of its folders."""
        (self.root / name).replace(self.root / to)
        self.remove(name)

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
