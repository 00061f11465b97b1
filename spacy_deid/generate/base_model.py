"""Which base model an adapter belongs to: a fingerprint of a model directory's configuration and weights."""

from pathlib import Path
from typing import Any

from spacy_deid.errors import DeidError
from spacy_deid.files import sha256, sha256_tree

CONFIG, WEIGHTS = "config.json", "*.safetensors"


def base_identity(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of a model directory's ``config`` and of its ``weights`` (all safetensors files together).

    Raises DeidError when the directory holds no configuration or no safetensors weights.
    """
    config, weights = directory / CONFIG, sorted(directory.glob(WEIGHTS))
    if not config.is_file() or not weights:
        raise DeidError(
            f"{directory} is no model directory: it needs {CONFIG} and {WEIGHTS}. "
            f"Remedy: make one with 'spacy deid models', or name a model saved as safetensors."
        )
    return {"config": sha256(config), "weights": sha256_tree(weights, directory)}


def require_same_base(trained_on: dict[str, Any], directory: Path, adapter: Path) -> None:
    """Raise DeidError unless ``directory`` is the very model that ``adapter`` was trained on."""
    found = base_identity(directory)
    changed = [part for part, digest in found.items() if trained_on.get(part) != digest]
    if changed:
        raise DeidError(
            f"The adapter {adapter} was trained on another base model than {directory}: "
            f"the {' and the '.join(changed)} differ. Remedy: name the model it was trained on, or adapt again."
        )
