"""Resolves a model's name in a config to a local directory that is safe to load."""

import os
import re
from pathlib import Path

from spacy_deid.errors import DeidError

ALLOW_DOWNLOAD = "SPACY_DEID_ALLOW_DOWNLOAD"
HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
REMEDY = "Remedy: python -m spacy deid models assets/models, or name another directory."
WANTED_FILES = ("*.json", "*.safetensors", "*.txt", "*.model")  # neither code nor pickles


def resolve(name_or_path: str) -> str:
    """Return the local directory of a model; every loader of the package uses this function.

    name_or_path: a directory with config.json and safetensors weights, or a hub name ("owner/model"). A hub name is
    looked up in the local cache only; nothing is fetched unless the environment sets SPACY_DEID_ALLOW_DOWNLOAD=1
    (and HF_HUB_OFFLINE is not set). Raises DeidError if the model is absent, or if its weights are pickled, because
    loading those would run any code in them.
    """
    path = Path(name_or_path).expanduser()
    if path.is_dir():
        return str(_checked(path))
    if path.exists() or not HUB_NAME.fullmatch(name_or_path):
        msg = f"No model directory at {name_or_path}. {REMEDY}"
        raise DeidError(msg)
    return str(_checked(_snapshot(name_or_path)))


def _snapshot(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    local_only = os.environ.get(ALLOW_DOWNLOAD) != "1"
    try:
        return Path(snapshot_download(name, local_files_only=local_only, allow_patterns=list(WANTED_FILES)))
    except (HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError) as error:
        msg = (
            f"Model {name!r} is neither a directory nor in the local Hugging Face cache ({type(error).__name__}). "
            f"Remedy: give the path of a local copy, or set {ALLOW_DOWNLOAD}=1 to fetch it from the hub once."
        )
        raise DeidError(msg) from None


def _checked(directory: Path) -> Path:
    if not (directory / "config.json").is_file():
        msg = f"{directory} is not a model directory: it lacks config.json. {REMEDY}"
        raise DeidError(msg)
    if not any(directory.glob("*.safetensors")):
        msg = (
            f"{directory} has no safetensors weights; pickled ones (.bin) are not loaded: they can run code. Remedy: "
            "if you trust them, load them once with transformers and save_pretrained(..., safe_serialization=True)."
        )
        raise DeidError(msg)
    return directory
