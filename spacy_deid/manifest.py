"""The manifest of a stage: its inputs, outputs and versions, by which a second run sees whether anything changed."""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from spacy_deid.files import sha256

MANIFEST = "manifest.json"


def read_manifest(path: Path) -> dict[str, Any]:
    """Return a manifest; an empty one if the file is absent or damaged, so that the stage runs again."""
    try:
        manifest = json.loads(path.read_text("utf8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def versions(*packages: str) -> dict[str, str]:
    """Return package -> installed version."""
    return {package: version(package) for package in packages}


def hashes(paths: Iterable[Path]) -> dict[str, str]:
    """Return file name -> SHA-256 of the files that exist."""
    return {path.name: sha256(path) for path in paths if path.is_file()}


def unchanged(folder: Path, files: Mapping[str, str]) -> bool:
    """Return whether every file in ``files`` (path below ``folder`` -> SHA-256) exists and has its hash."""
    return all((folder / name).is_file() and sha256(folder / name) == digest for name, digest in files.items())
