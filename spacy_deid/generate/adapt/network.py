"""The base model with new low-rank adapters on its linear layers, and the check that only these changed."""

import hashlib
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from peft.tuners.lora import LoraLayer
from transformers import BitsAndBytesConfig, set_seed

from spacy_deid.errors import DeidError
from spacy_deid.extras import how_to_install
from spacy_deid.generate.adapt.settings import AdaptSettings, Lora
from spacy_deid.generate.causal_lm import choose_device, choose_dtype, open_causal_lm

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def open_for_adaptation(settings: AdaptSettings, directory: Path) -> tuple[PeftModel, "PreTrainedTokenizerBase"]:
    """Return the base model in ``directory`` with untrained adapters, and its tokenizer.

    Only the adapters have gradients; their dtype is that of the base. The same seed gives the same adapters.
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
    """Return the settings as a config of peft."""
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


def frozen_digest(model: PeftModel) -> str:
    """Return the SHA-256 of all weights that training must not change, in order."""
    digest = hashlib.sha256()
    for _, parameter in model.named_parameters():
        if not parameter.requires_grad:
            digest.update(parameter.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()


@torch.inference_mode()
def delta_norms(model: PeftModel) -> dict[str, float]:
    """Return the Frobenius norm of the change that the adapter of each module makes to its weights.

    Raises DeidError naming a module whose weights did not change or are not finite.
    """
    norms = {
        name: module.get_delta_weight("default").float().norm().item()
        for name, module in model.named_modules()
        if isinstance(module, LoraLayer)
    }
    for name, norm in norms.items():
        if not (math.isfinite(norm) and norm > 0):
            raise DeidError(
                f"Adaptation failed: the change of {name} has norm {norm}. Remedy: more steps or another learning_rate."
            )
    return norms
