"""The input files of a run, and the checks of IN and OUT."""

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from spacy_deid.apply.outputs import MANIFEST, MANIFEST_BEGINS
from spacy_deid.errors import DeidError

_OFFICE = tuple(f".{kind}{variant}" for kind in ("doc", "dot", "xls", "ppt", "rtf") for variant in ("", "x", "m", "b"))
_LEFT_BY_WINDOWS = ("thumbs.db", "ehthumbs.db", "desktop.ini")


def check_places(source: Path, out: Path) -> None:
    """Raise DeidError unless ``source`` can be read and ``out`` is a place outside it."""
    if not source.exists():
        raise DeidError(f"There is no {source}. Remedy: name a folder or a file.")
    if not source.is_dir() and not source.is_file():
        raise DeidError(f"{source} is a pipe or a device. Remedy: name a folder or a file, or - for standard input.")
    if source.is_file():
        _check_utf8(source.name)
        _check_utf8(out.name)
    real_source, real_out = source.resolve(), out.resolve()
    same = out.exists() and source.samefile(out)
    if same or real_out.is_relative_to(real_source) or real_source.is_relative_to(real_out):
        raise DeidError(
            f"OUT {out} is IN {source}, or one is within the other. Remedy: name another place, so that no original "
            "is touched and no output is read."
        )
    if source.is_dir() and out.exists() and not out.is_dir():
        raise DeidError(f"IN is a folder, but OUT {out} is a file. Remedy: name a folder.")
    if source.is_file() and out.is_dir():
        raise DeidError(f"IN is a file, but OUT {out} is a folder. Remedy: name a file.")


def input_files(source: Path, out: Path) -> list[str]:
    """Return the paths of all files below the folder ``source``, relative to it, in order.

    Hidden files and manifests of earlier runs are left out. Symbolic links are followed. Raises DeidError for a link
    that leads to a folder above it or nowhere, for a name that is not UTF-8 or is that of the manifest, and for names
    that are the same on a computer that ignores case or Unicode form.
    """
    files = [path for path in _files(source, out, [source.stat()]) if not _is_manifest(path)]
    paths = sorted(path.relative_to(source).as_posix() for path in files)
    known: dict[str, str] = {}
    for path in paths:
        _check_utf8(path)
        if on_any_disk(path).split("/")[0] == MANIFEST:
            raise DeidError(f"{source / path} has the name of a manifest, which would overwrite it. Remedy: rename it.")
        other = known.setdefault(on_any_disk(path), path)
        if other != path:
            raise DeidError(
                f"{source / other} and {source / path} differ in case or Unicode form only, so one would overwrite the "
                "other on some computers. Remedy: rename one."
            )
    return paths


def holds_no_document(path: str) -> bool:
    """Whether the name is that of Office's file beside an open document, or of Windows' own files."""
    name = PurePosixPath(path).name
    is_owner_file = name.startswith("~$") and name.lower().endswith(_OFFICE)
    return is_owner_file or name.casefold() in _LEFT_BY_WINDOWS


def on_any_disk(name: str) -> str:
    """Return a key that is equal for names that are the same on a computer that ignores case or Unicode form."""
    return unicodedata.normalize("NFC", name).casefold()


def _is_manifest(path: Path) -> bool:
    if not path.name.endswith(MANIFEST) or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MANIFEST_BEGINS)) == MANIFEST_BEGINS


def _check_utf8(name: str) -> None:
    try:
        name.encode("utf8")
    except UnicodeEncodeError:
        raise DeidError(f"The name {os.fsencode(name)!r} is not UTF-8. Remedy: rename it.") from None


def _files(folder: Path, out: Path, above: list[os.stat_result]) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        visible = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)
    for entry in visible:
        path = Path(entry.path)
        if entry.is_symlink():
            _check_link(path, above)
        if path.is_dir():
            if out.exists() and out.samefile(path):
                raise DeidError(f"{path} is OUT, so outputs would be read. Remedy: name another place.")
            yield from _files(path, out, [*above, path.stat()])
        else:
            yield path


def _check_link(path: Path, above: list[os.stat_result]) -> None:
    try:
        target = path.stat()
    except (OSError, RuntimeError):
        raise DeidError(f"The symbolic link {path} leads nowhere, or to itself. Remedy: remove it.") from None
    if any(os.path.samestat(target, folder) for folder in above):
        raise DeidError(f"The symbolic link {path} leads to a folder above it, in a loop. Remedy: remove it.")
