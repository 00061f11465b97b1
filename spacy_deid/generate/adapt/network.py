"""The base model with fresh low-rank adapters on its linear layers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from transformers import BitsAndBytesConfig, set_seed

from spacy_deid.errors import DeidError
from spacy_deid.extras import how_to_install
from spacy_deid.generate.adapt.settings import Lora, Settings
from spacy_deid.generate.causal_lm import open_causal_lm
from spacy_deid.generate.device import choose_device, choose_dtype

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


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
    model = get_peft_model(base, lora_config(settings.lora), autocast_adapter_dtype=False)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.to(dtype)
    return model, tokenizer  # type: ignore[return-value]


def lora_config(lora: Lora) -> LoraConfig:
    """Return the settings in peft's terms."""
    return LoraConfig(
        task_type=TaskType.CAUSAL_LM,
        r=lora.rank,
        lora_alpha=lora.alpha,  # type: ignore[arg-type]
        lora_dropout=lora.dropout,
        target_modules="all-linear",
    )


def _four_bits(dtype: torch.dtype) -> dict[str, Any]:
    try:
        import bitsandbytes  # noqa: F401
    except ModuleNotFoundError as error:
        msg = f"QLoRA needs bitsandbytes. Remedy: {how_to_install('bitsandbytes')}."
        raise DeidError(msg) from error
    config = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
    )
    return {"quantization_config": config, "device_map": {"": 0}}
