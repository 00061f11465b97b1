"""The base model with fresh low-rank adapters on its linear layers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from transformers import BitsAndBytesConfig, set_seed

from spacy_deid.errors import DeidError
from spacy_deid.generate.adapt.settings import Settings
from spacy_deid.generate.causal_lm import open_causal_lm

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


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
    """Return the weights' type; "auto" is bfloat16 where the device computes in it, else float32."""
    if wanted != "auto":
        return torch.bfloat16 if wanted == "bfloat16" else torch.float32
    if device == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # absent from older torch
        native = any(capabilities.get(unit) for unit in ("avx512_bf16", "amx_bf16"))
    return torch.bfloat16 if native else torch.float32


def open_for_adaptation(settings: Settings, directory: Path) -> tuple[PeftModel, "PreTrainedTokenizerBase"]:
    """Return the base model in ``directory`` with untrained adapters, and its tokenizer.

    Only the adapters take gradients; they have the dtype that the base computes in. Same seed, same adapters.
    """
    device = choose_device(settings.training.device, settings.lora.quantize)
    dtype = choose_dtype(settings.training.dtype, device)
    quantized = _four_bits(dtype) if settings.lora.quantize else {}
    base, tokenizer = open_causal_lm(directory, dtype=dtype, attn_implementation="sdpa", **quantized)
    if not settings.lora.quantize:
        base = base.to(device)  # type: ignore[arg-type]
    set_seed(settings.training.seed)
    config = LoraConfig(
        task_type=TaskType.CAUSAL_LM,
        r=settings.lora.rank,
        lora_alpha=settings.lora.alpha,  # type: ignore[arg-type]
        lora_dropout=settings.lora.dropout,
        target_modules="all-linear",
    )
    model = get_peft_model(base, config, autocast_adapter_dtype=False)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.to(dtype)
    return model, tokenizer  # type: ignore[return-value]


def _four_bits(dtype: torch.dtype) -> dict[str, Any]:
    try:
        import bitsandbytes  # noqa: F401
    except ModuleNotFoundError as error:
        msg = "QLoRA needs bitsandbytes. Remedy: pip install 'spacy-deid[qlora]'."
        raise DeidError(msg) from error
    config = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
    )
    return {"quantization_config": config, "device_map": {"": 0}}
