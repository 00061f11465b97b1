"""The pip commands for missing optional packages; this package itself is not on a package index."""

import json
import shlex
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NAME = "spacy-deid"
# modules whose names differ from those of their packages
PACKAGES = {"docx": "python-docx", "cupy": "cupy-cuda12x"}


def how_to_install(module: str, within: str = "") -> str:
    """Return the pip command that installs a missing module: with the smallest extra of this package that has it.

    ``within`` is preferred if it has the module: the extra that the caller needs as a whole. A module without an extra
    belongs to the core, or to a package that is partly installed; the command then installs the core again.
    """
    package = canonicalize_name(PACKAGES.get(module.partition(".")[0], module.partition(".")[0]))
    extras = _packages_of_extras()
    having = [extra for extra, packages in extras.items() if package in packages]
    extra = within if within in having else min(having, key=lambda name: (len(extras[name]), name), default="")
    return _pip_install(f"[{extra}]" if extra else "")


def _pip_install(extra: str) -> str:
    origin = _origin()
    if origin:
        path, editable = origin
        return f"pip install {'-e ' * editable}{shlex.quote(path + extra)}"
    return (
        f"pip install '.{extra}' in a checkout of {NAME}, "
        f"or pip install '{NAME}{extra} @ file:///PATH/TO/WHEEL' with its wheel"
    )


def _origin() -> tuple[str, bool] | None:
    """Return the folder or wheel that this package was installed from, if it is still there, and whether editable."""
    installed = _installed()
    record = installed.read_text("direct_url.json") if installed else None
    if not record:
        return None
    origin = json.loads(record)
    path = Path(unquote(urlsplit(origin["url"]).path))
    editable = origin.get("dir_info", {}).get("editable", False)
    return (str(path), editable) if origin["url"].startswith("file:") and path.exists() else None


@cache
def _packages_of_extras() -> dict[str, frozenset[str]]:
    """Return the packages of each extra of this package, including those of the extras in it."""
    installed = _installed()
    if installed is None:
        return {}
    extras = installed.metadata.get_all("Provides-Extra") or []
    requirements = [Requirement(line) for line in installed.requires or []]

    def packages(extra: str) -> frozenset[str]:
        direct = [need for need in requirements if need.marker and _is_for(need, extra) and not _is_for(need, "")]
        others = {canonicalize_name(need.name) for need in direct} - {NAME}
        within = {other for need in direct if canonicalize_name(need.name) == NAME for other in need.extras}
        return frozenset(others).union(*map(packages, within))

    return {extra: packages(extra) for extra in extras}


def _is_for(need: Requirement, extra: str) -> bool:
    return need.marker is None or need.marker.evaluate({"extra": extra})


def _installed() -> Distribution | None:
    try:
        return distribution(NAME)
    except PackageNotFoundError:  # run from the source without an installation
        return None
