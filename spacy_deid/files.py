"""Writing that is never half done, hashing, and the small manifest that each stage leaves."""

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


@contextmanager
def atomic(path: Path, mode: int = PRIVATE) -> Iterator[Path]:
    """Give a temporary path beside ``path`` that becomes ``path`` when the block ends without an error.

    A kill or a full disk leaves the earlier file whole. ``mode``: permissions of the new file; owner only unless
    told, since most of what this package writes holds identifiers. Raises DeidError where ``path`` is there and no
    file.
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
    """Let an OSError name the file that the user knows; on its own it names a temporary one, or none."""
    try:
        yield
    except OSError as error:
        if error.filename is None or Path(error.filename).name.startswith(f".{path.name}."):
            error.filename = str(path)
        raise


@contextmanager
def replaced_directory(path: Path, own_mark: str) -> Iterator[Path]:
    """Give an empty directory beside ``path`` that takes its place when the block ends without an error.

    own_mark: name of the file by which an earlier result is known; a directory with other content is not ours to
    replace (DeidError). After an error, Ctrl-C included, the earlier result stands whole.
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
    """Remove what killed writes of ``path`` left beside it; nobody else may be writing it meanwhile."""
    for remnant in path.parent.glob(f".{glob.escape(path.name)}.*"):
        remnant.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Write ``data`` to ``path``, whole or not at all."""
    with atomic(path, mode) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str, mode: int = PRIVATE) -> None:
    """Write ``text`` as UTF-8 to ``path``, whole or not at all."""
    write_bytes(path, text.encode("utf8"), mode)


def write_json(path: Path, value: Any, mode: int = 0o644) -> None:
    """Write ``value`` as indented JSON to ``path``, whole or not at all; readable by all, so no identifiers in it."""
    write_text(path, srsly.json_dumps(value, indent=2) + "\n", mode)


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
    """Warn of a file with a secret that other users of the machine can read; not where a system has no such rights."""
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        warnings.warn(
            f"Other users of this machine can read {path}, which holds a secret. Remedy: chmod 600 {path}", stacklevel=3
        )
