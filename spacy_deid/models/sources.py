"""The pinned source files of the embedded models, and the check that nothing but them is used."""

import tomllib
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from spacy_deid.errors import DeidError
from spacy_deid.extras import how_to_install
from spacy_deid.files import sha256


class SourceFile(NamedTuple):
    """A file of a package on the package index, pinned by version and SHA-256 (hex)."""

    package: str
    version: str
    path: str
    sha256: str
    name: str = ""  # what a licence file is called beside the converted model

    def verified(self) -> Path:
        """Return the installed file once its checksum is right; DeidError when absent or changed."""
        found = installed_file(self.package, self.version, self.path)
        remedy = f"Remedy: pip install --force-reinstall --no-cache-dir '{self.package}=={self.version}'"
        check_sha256(found, self.sha256, remedy)
        return found


class PinnedSource(NamedTuple):
    """What one embedded model is made of."""

    name: str
    url: str
    licence: str
    files: tuple[SourceFile, ...]
    licences: tuple[SourceFile, ...]
    whole_sha256: str  # of all `files` joined in their order, where they are parts of one file; else empty

    def checksums(self) -> dict[str, str]:
        """Return package path -> SHA-256 of every file that decides the result."""
        return {file.path: file.sha256 for file in self.files}


def check_sha256(path: Path, expected: str, remedy: str) -> None:
    """Raise DeidError naming the file, both checksums and the remedy unless the file's SHA-256 is the expected one."""
    seen = sha256(path)
    if seen != expected:
        msg = f"Wrong checksum of {path}: expected sha256 {expected}, seen {seen}. {remedy}"
        raise DeidError(msg)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("spacy_deid.models").joinpath("sources.toml").read_text("utf8"))


def source(model: str) -> PinnedSource:
    """Return the pinned source of ``model``: "encoder" or "lm"."""
    entry = _table()[model]
    return PinnedSource(
        name=entry["name"],
        url=entry["url"],
        licence=entry["licence"],
        files=tuple(SourceFile(**file) for file in entry["files"]),
        licences=tuple(SourceFile(**file) for file in entry["licences"]),
        whole_sha256=entry.get("whole", {}).get("sha256", ""),
    )


def installed_file(package: str, version: str, path: str) -> Path:
    """Return where an installed package keeps a file, without running any of the package's code.

    package: the distribution's name on the package index. version: the exact one wanted. path: as in the
    distribution's own list of files. Raises DeidError with the pip command that mends it.
    """
    remedy = f"Remedy: pip install --force-reinstall '{package}=={version}'"
    found = _distribution(package, remedy)
    if found.version != version:
        msg = f"Package {package!r} is installed as version {found.version}, but {version} is needed. {remedy}"
        raise DeidError(msg)
    file = Path(str(found.locate_file(path)))
    if not file.is_file():
        msg = f"Package {package!r} {version} lacks its file {path!r}. {remedy}"
        raise DeidError(msg)
    return file


def _distribution(package: str, remedy: str) -> Distribution:
    try:
        return distribution(package)
    except PackageNotFoundError:
        msg = f"The weights package {package!r} is not installed. {remedy}, or {how_to_install(package)}"
        raise DeidError(msg) from None


def vocabulary_languages() -> dict[str, list[str]]:
    """Return the languages whose words both models keep by default, and those that the encoder keeps as well."""
    languages: dict[str, list[str]] = _table()["vocabulary"]
    return languages
