"""Which files an audit saw, so that it can be told whether it still holds for them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import srsly

from spacy_deid.errors import DeidError
from spacy_deid.files import sha256, sha256_tree

MANIFEST = "manifest.json"


def describe(path: Path) -> dict[str, str]:
    """Return the SHA-256 of a file, of each .spacy file of a folder, or of a folder without any as a whole, by name.

    What is absent has "".
    """
    corpora = sorted(path.glob("*.spacy"))
    if path.is_dir() and not corpora:
        return {path.name: sha256_tree((file for file in path.rglob("*") if file.is_file()), path)}
    return {file.name: sha256(file) if file.is_file() else "" for file in corpora or [path]}


def stale(audit: Mapping[str, Any], inputs: Mapping[str, Path]) -> list[str]:
    """Return the names of those inputs ("synthetic", "members", "heldout" ...) that are not what the audit saw."""
    return [name for name, path in inputs.items() if audit["inputs"].get(name) != describe(path)]


def check_run(synthetic: Path) -> None:
    """Raise DeidError where ``synthetic`` is the folder of a `deid generate` that is not finished or was changed."""
    if not (synthetic / MANIFEST).is_file():
        return
    corpus = srsly.read_json(synthetic / MANIFEST).get("corpus")
    if not corpus:
        raise DeidError(f"The run in {synthetic} is not finished. Remedy: run `deid generate` again; it goes on.")
    for name, entry in corpus["files"].items():
        if not (synthetic / name).is_file() or sha256(synthetic / name) != entry["sha256"]:
            raise DeidError(
                f"{synthetic / name} is not the file that its manifest tells of: an audit of it would not be one of "
                "that run. Remedy: run `deid generate` again, or give the .spacy file itself."
            )
