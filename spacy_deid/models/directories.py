"""Directories that are never half written."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spacy_deid.errors import DeidError


@contextmanager
def replaced_directory(path: Path, own_mark: str) -> Iterator[Path]:
    """Give an empty directory beside ``path`` that takes its place when the block ends without an error.

    own_mark: name of the file by which an earlier result is known; a directory with other content is not ours to
    replace (DeidError). After an error, Ctrl-C included, the earlier result stands whole.
    """
    if path.exists() and not (path / own_mark).is_file() and (not path.is_dir() or any(path.iterdir())):
        msg = f"{path} exists and was not made by this command. Remedy: move it away or name another directory."
        raise DeidError(msg)
    path.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        fresh = work / "new"
        fresh.mkdir()
        yield fresh
        if path.exists():
            path.rename(work / "old")
        fresh.rename(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)
