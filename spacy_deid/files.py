"""Files: atomic writing, text with its offsets, and hashes."""

import codecs
import glob
import hashlib
import os
import shutil
import stat
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import srsly

from spacy_deid.errors import DeidError

PRIVATE = 0o600
BOM = "\ufeff"
_OTHER_KINDS = {
    codecs.BOM_UTF32_LE: "it is in UTF-32",  # begins like UTF-16
    codecs.BOM_UTF16_LE: "it is in UTF-16",
    codecs.BOM_UTF32_BE: "it is in UTF-32",
    codecs.BOM_UTF16_BE: "it is in UTF-16",
    b"PK\x03\x04": "it is a zip archive or an Office file, not text",
    b"\x1f\x8b": "it is compressed, not text",
    b"%PDF": "it is a PDF file, not text",
    b"\xd0\xcf\x11\xe0": "it is an older or a protected Office file, not text",
    b"PAR1": "it is a Parquet file, not text",
}


@contextmanager
def atomic(path: Path, mode: int = PRIVATE) -> Iterator[Path]:
    """Give a temporary path beside ``path`` that becomes ``path`` when the block ends without an error.

    A kill or a full disk leaves the earlier file whole. ``mode`` has the permissions of the new file; by default only
    the owner can read it, since most outputs of this package hold identifiers. Raises DeidError if ``path`` exists and
    is not a file.
    """
    if path.exists() and not path.is_file():
        raise DeidError(f"{path} is a folder or a device, so it cannot be replaced. Remedy: name a file to write.")
    with _errors_name(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(mode)
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def _errors_name(path: Path) -> Iterator[None]:
    """Let an OSError name the user's file; on its own it names a temporary file, or no file."""
    try:
        yield
    except OSError as error:
        if error.filename is None or Path(error.filename).name.startswith(f".{path.name}."):
            error.filename = str(path)
        raise


@contextmanager
def replaced_directory(path: Path, own_mark: str) -> Iterator[Path]:
    """Give an empty directory beside ``path`` that takes its place when the block ends without an error.

    ``own_mark`` is the name of a file that every earlier result has; a directory without it is not replaced
    (DeidError). After an error, Ctrl-C included, the earlier result is still whole.
    """
    if path.exists() and not (path / own_mark).is_file() and (not path.is_dir() or any(path.iterdir())):
        raise DeidError(
            f"{path} exists and was not made by this command. Remedy: move it away or name another directory."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    fresh, earlier = work / "new", work / "old"
    try:
        fresh.mkdir()
        yield fresh
        if path.exists():
            path.rename(earlier)
        fresh.rename(path)
    except BaseException:
        if earlier.exists() and not path.exists():
            earlier.rename(path)
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def remove_remnants(path: Path) -> None:
    """Remove the temporary files of killed writes of ``path``; no other process may be writing it."""
    for remnant in path.parent.glob(f".{glob.escape(path.name)}.*"):
        remnant.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Write ``data`` to ``path``, whole or not at all, with the permissions ``mode``."""
    with atomic(path, mode) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str, mode: int = PRIVATE) -> None:
    """Write ``text`` as UTF-8 to ``path``, whole or not at all, with the permissions ``mode``."""
    write_bytes(path, text.encode("utf8"), mode)


def write_json(path: Path, value: Any, mode: int = 0o644) -> None:
    """Write ``value`` as indented JSON to ``path``, whole or not at all. All users can read it: no identifiers."""
    write_text(path, srsly.json_dumps(value, indent=2) + "\n", mode)


def read_utf8(path: Path) -> str:
    """Return a file's text with its line ends and byte order mark as they are.

    Raises DeidError with the file, the first byte that is not UTF-8, and the probable encoding.
    """
    data = path.read_bytes()
    problem = not_utf8(data)
    if problem:
        raise DeidError(f"{path}: {problem}. Remedy: save the file as UTF-8.")
    return data.decode("utf8")


def read_lines(path: Path) -> list[str]:
    r"""Return a UTF-8 file's lines without line ends and byte order mark.

    Only ``\n`` and ``\r\n`` end a line: other characters that `str.splitlines` breaks at occur within notes.
    """
    return [line.removesuffix("\r") for line in read_utf8(path).removeprefix(BOM).split("\n")]


def not_utf8(data: bytes) -> str:
    """Return why bytes are not text in UTF-8, with their probable kind, or ""."""
    try:
        text = data.decode("utf8")
    except UnicodeDecodeError as error:
        kind = next((kind for mark, kind in _OTHER_KINDS.items() if data.startswith(mark)), "")
        return kind or f"the byte at offset {error.start} is not UTF-8{_probable_encoding(data)}"
    # UTF-16 of ASCII letters is valid UTF-8 with a NUL after each letter, and no name would be found in it
    return f"there is a NUL byte at offset {data.index(0)}{_probable_encoding(data)}" if "\0" in text else ""


def _probable_encoding(data: bytes) -> str:
    """Return the probable encoding of bytes. Read as Windows-1252, those of DOS would be signs rather than letters."""
    if b"\0" in data:
        return "; it looks like UTF-16 without a byte order mark"
    strange = bytes(byte for byte in data if byte > 127)
    is_windows = sum(map(str.isalpha, strange.decode("cp1252", "replace"))) * 2 > len(strange)
    return "; it looks like Windows-1252" if is_windows else ""


def sha256(path: Path) -> str:
    """Return the hex SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_folder(folder: Path) -> str:
    """Return the `sha256_tree` of all files below ``folder``."""
    return sha256_tree((path for path in folder.rglob("*") if path.is_file()), folder)


def sha256_tree(paths: Iterable[Path], root: Path) -> str:
    """Return one SHA-256 over many files' contents and paths below ``root``, the same in any order of ``paths``."""
    lines = sorted(f"{sha256(path)}  {path.relative_to(root).as_posix()}" for path in paths)
    return hashlib.sha256("\n".join(lines).encode("utf8")).hexdigest()


def warn_if_others_can_read(path: Path) -> None:
    """Warn if other users of the machine can read a file with a secret (on POSIX systems)."""
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        warnings.warn(
            f"Other users of this machine can read {path}, which holds a secret. Remedy: chmod 600 {path}", stacklevel=3
        )
