"""Where a language model runs, and in which type of numbers."""

from typing import Any

import torch

from spacy_deid.errors import DeidError


def choose_device(wanted: str, quantize: bool) -> str:
    """Return "cuda" or "cpu". Raises DeidError when the device that is wanted, or that QLoRA needs, is absent."""
    gpu = torch.cuda.is_available()
    if quantize and (wanted == "cpu" or not gpu):
        msg = (
            "lora.quantize = true (QLoRA) needs a GPU, and none is used. "
            "Remedy: set lora.quantize = false, or run where torch sees a GPU."
        )
        raise DeidError(msg)
    if wanted == "cuda" and not gpu:
        msg = "training.device = 'cuda', but torch sees no GPU. Remedy: set it to 'cpu' or 'auto'."
        raise DeidError(msg)
    return "cuda" if gpu and wanted != "cpu" else "cpu"


def choose_dtype(wanted: str, device: str) -> torch.dtype:
    """Return the weights' type; "auto" is bfloat16 where the device ("cpu", "cuda:1") computes in it, else float32."""
    if wanted != "auto":
        dtype: torch.dtype = getattr(torch, wanted)
        return dtype
    if torch.device(device).type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # absent from older torch
        native = any(capabilities.get(unit) for unit in ("avx512_bf16", "amx_bf16"))
    return torch.bfloat16 if native else torch.float32
