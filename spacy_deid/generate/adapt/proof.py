"""Proof that adaptation did what it says: the held-out loss fell, every adapted module changed, the base did not."""

import hashlib
import math
from typing import TYPE_CHECKING

import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from tqdm import tqdm

from spacy_deid.errors import DeidError
from spacy_deid.generate.adapt.loss import summed_loss
from spacy_deid.generate.adapt.packing import pack

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@torch.inference_mode()
def held_out_loss(
    model: "PreTrainedModel", documents: list[list[int]], block_size: int, *, quiet: bool = False
) -> float:
    """Return the mean loss in nats per token over held-out documents.

    Each document is cut into blocks by itself, so that no neighbour lends it context; nothing is padded.
    Raises DeidError when the loss is not a finite number.
    """
    model.eval()
    total, predicted = 0.0, 0
    for document in tqdm(documents, desc="held-out loss", unit="note", disable=quiet):
        size = min(block_size, len(document) - 1)
        blocks = pack([document], size, padding=0)
        for inputs, targets in zip(blocks.inputs, blocks.targets, strict=True):
            row = (
                torch.as_tensor(inputs, device=model.device)[None],
                torch.as_tensor(targets, device=model.device)[None],
            )
            total += summed_loss(model, *row).item()
        predicted += blocks.predicted
    if not math.isfinite(total):
        msg = "The held-out loss is not a finite number. Remedy: check the base model's weights and dtype."
        raise DeidError(msg)
    return total / predicted


def frozen_digest(model: PeftModel) -> str:
    """Return the SHA-256 of all weights that training must leave alone, in order."""
    digest = hashlib.sha256()
    for _, parameter in model.named_parameters():
        if not parameter.requires_grad:
            digest.update(parameter.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()


@torch.inference_mode()
def delta_norms(model: PeftModel) -> dict[str, float]:
    """Return for each adapted module the Frobenius norm of the change that its adapter makes to its weights.

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
