"""Finding files of installed packages without importing them."""

from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from spacy_deid.errors import DeidError
from spacy_deid.extras import how_to_install


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
