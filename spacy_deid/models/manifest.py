"""The manifest beside a converted model: what it was made of and how, and whether it still stands."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from spacy_deid.files import sha256, write_json
from spacy_deid.models.sources import Source

MANIFEST = "manifest.json"
FORMAT = 1  # raise it when the conversion changes, so that earlier results are made anew
TOOLS = ("spacy-deid", "torch", "transformers", "tokenizers", "wordfreq")


def inputs(source: Source, words: int | None, languages: tuple[str, ...]) -> dict[str, Any]:
    """Return everything that decides the result; equal inputs make a second run needless.

    words: commonest words a language whose pieces are kept; None for all pieces.
    """
    return {
        "format": FORMAT,
        "sha256": source.checksums(),
        "words": words,
        "languages": list(languages),
        "wordfreq": version("wordfreq"),
    }


def write_manifest(
    directory: Path, source: Source, made_of: dict[str, Any], counts: dict[str, int], seconds: float
) -> None:
    """Write the manifest of the files that now lie in ``directory``. seconds: how long the conversion took."""
    files = {file.name: sha256(file) for file in sorted(directory.iterdir())}
    value = {
        "model": source.name,
        "url": source.url,
        "licence": source.licence,
        "inputs": made_of,
        "counts": counts,
        "versions": {tool: version(tool) for tool in TOOLS},
        "seconds": round(seconds, 1),
        "files": files,
    }
    write_json(directory / MANIFEST, value)


def read_manifest(directory: Path) -> dict[str, Any] | None:
    """Return a directory's manifest, or None where it is absent or damaged."""
    try:
        manifest = json.loads((directory / MANIFEST).read_text("utf8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    whole = isinstance(manifest, dict) and isinstance(manifest.get("files"), dict)
    return manifest if whole else None


def stands(directory: Path, made_of: dict[str, Any]) -> bool:
    """Whether the directory holds, unharmed, what a conversion of the same inputs wrote."""
    manifest = read_manifest(directory)
    if manifest is None or manifest.get("inputs") != made_of:
        return False
    files = {directory / name: checksum for name, checksum in manifest["files"].items()}
    return all(path.is_file() and sha256(path) == checksum for path, checksum in files.items())
