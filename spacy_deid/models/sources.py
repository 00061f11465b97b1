"""The pinned source files of the embedded models, and the check that only these are used."""

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
    name: str = ""  # name of a licence file beside the converted model

    def verified(self) -> Path:
        """Return the installed file after checking its checksum; DeidError if it is absent or changed."""
        found = installed_file(self.package, self.version, self.path)
        remedy = f"Remedy: pip install --force-reinstall --no-cache-dir '{self.package}=={self.version}'"
        check_sha256(found, self.sha256, remedy)
        return found


class PinnedSource(NamedTuple):
    """The source of one embedded model."""

    name: str
    url: str
    licence: str
    files: tuple[SourceFile, ...]
    licences: tuple[SourceFile, ...]
    whole_sha256: str  # of all `files` joined in their order if they are parts of one file; else empty

    def checksums(self) -> dict[str, str]:
        """Return package path -> SHA-256 of every file that the result depends on."""
        return {file.path: file.sha256 for file in self.files}


def check_sha256(path: Path, expected: str, remedy: str) -> None:
    """Raise DeidError with both checksums and ``remedy`` unless the file's SHA-256 is ``expected``."""
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
    """Return the path of a file of an installed package, without running any of the package's code.

    Args:
        package: Name of the distribution on the package index.
        version: The exact version.
        path: Path of the file within the distribution.

    Raises:
        DeidError: With the pip command as remedy: the package, the version or the file is absent.
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
    """Return the languages whose words both models keep by default ("languages"), and the encoder ("encoder_too")."""
    languages: dict[str, list[str]] = _table()["vocabulary"]
    return languages
