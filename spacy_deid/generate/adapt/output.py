"""What an adaptation leaves behind: the adapter, its manifest, and the base model's licence."""

import resource
import shutil
import tempfile
from pathlib import Path
from typing import Any

import srsly
import torch
from peft import PeftModel

from spacy_deid.files import PRIVATE, write_json
from spacy_deid.generate.adapt.full_disk import full_disk_as_oserror
from spacy_deid.generate.causal_lm import MANIFEST

ADAPTER_FILES = ("adapter_model.safetensors", "adapter_config.json")
NOTICES = ("LICEN*", "NOTICE*")  # an adapter is a derivative of its base: the terms pass to it


def finished(out: Path, fingerprint: str) -> dict[str, Any] | None:
    """Return the manifest in ``out`` when a run of this ``fingerprint`` wrote it and its adapter is still there."""
    path = out / MANIFEST
    if not path.is_file() or not all((out / name).is_file() for name in ADAPTER_FILES):
        return None
    try:
        manifest: dict[str, Any] = srsly.read_json(path)
        return manifest if manifest["fingerprint"] == fingerprint else None
    except (ValueError, TypeError, KeyError):  # damaged: made again
        return None


def write_adapter(model: PeftModel, base_name: str, base: Path, manifest: dict[str, Any], out: Path) -> None:
    """Put the adapter into ``out``, whole or not at all; ``base_name``: the base as the config names it.

    The manifest goes last: it marks the adapter as finished. The adapter may remember what it was taught, so only its
    owner can read it.
    """
    model.peft_config["default"].base_model_name_or_path = base_name
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".adapter.") as folder:
        with full_disk_as_oserror(out):
            model.save_pretrained(folder, save_embedding_layers=False)
        (out / MANIFEST).unlink(missing_ok=True)
        for name in ADAPTER_FILES:
            written = Path(folder) / name
            written.chmod(PRIVATE)
            written.replace(out / name)
    for notice in (path for pattern in NOTICES for path in base.glob(pattern)):
        shutil.copyfile(notice, out / notice.name)
    write_json(out / MANIFEST, manifest)


def hardware(model: PeftModel) -> dict[str, Any]:
    """Return the device, the weights' type and the most memory in bytes that this process has held."""
    gpu = model.device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name() if gpu else "cpu",
        "threads": torch.get_num_threads(),
        "dtype": str(next(p.dtype for p in model.parameters() if p.requires_grad)).removeprefix("torch."),
        "peak_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "peak_gpu_memory": torch.cuda.max_memory_allocated() if gpu else 0,
    }
