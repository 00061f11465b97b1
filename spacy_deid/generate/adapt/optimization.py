"""The loss of training, without a table of all logits, and AdamW for weights in bfloat16.

For a block of 512 tokens and 262,144 pieces, the logits of all positions take 0.5 GB in float32, and several copies are
made. Here, a few positions at a time pass through the output head, and only the gradient of their hidden states is
kept, as in Liger Kernel's fused linear cross entropy (Hsu et al. 2024, arXiv 2410.10989). The head must be frozen.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from tqdm import tqdm
from transformers import PreTrainedModel

from spacy_deid.errors import DeidError
from spacy_deid.generate.adapt.data import IGNORED, pack

# Some architectures change the logits after the head; their own forward pass must be used
SCORE_CHANGES = ("final_logit_softcapping", "logit_scale", "logits_scaling")
# Float32 bytes of logits held at a time. On a CPU, glibc returns blocks above 32 MB to the system at every step
CHUNK_BYTES = {"cpu": 24 << 20, "cuda": 512 << 20}


def summed_loss(model: PreTrainedModel, inputs: Tensor, targets: Tensor) -> Tensor:
    """Return the cross entropy in nats, summed over the targets that are not ignored; a float32 scalar.

    Args:
        model: A causal language model whose output head is frozen.
        inputs: Token ids, shape (batch, length).
        targets: The id after each input, or `IGNORED`; shape (batch, length).
    """
    head = model.get_output_embeddings()
    # Gemma 3 has its decoder only in get_decoder, GPT-2 and BLOOM only in base_model
    decoder = model.get_decoder() if hasattr(model, "get_decoder") else model.base_model
    if decoder is model or any(getattr(model.config, change, None) for change in SCORE_CHANGES):
        scores = model(input_ids=inputs, use_cache=False).logits
        return cross_entropy(scores.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED, reduction="sum")
    hidden = decoder(input_ids=inputs, use_cache=False).last_hidden_state
    chunk = max(1, CHUNK_BYTES[hidden.device.type] // (4 * head.weight.shape[0]))
    return _HeadLoss.apply(hidden.flatten(0, 1), head, targets.flatten(), chunk)  # type: ignore[no-any-return]


class _HeadLoss(torch.autograd.Function):
    """Output head and cross entropy, ``chunk`` positions at a time; the forward pass computes the gradient."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, head: nn.Module, targets: Tensor, chunk: int) -> Tensor:
        total = torch.zeros((), device=hidden.device)
        gradients = []
        for states, wanted in zip(hidden.split(chunk), targets.split(chunk), strict=True):
            with torch.set_grad_enabled(ctx.needs_input_grad[0]):
                leaf = states.detach().requires_grad_(ctx.needs_input_grad[0])
                loss = cross_entropy(head(leaf).float(), wanted, ignore_index=IGNORED, reduction="sum")
            total += loss.detach()
            if ctx.needs_input_grad[0]:
                gradients.append(torch.autograd.grad(loss, leaf)[0])
        if gradients:
            ctx.save_for_backward(torch.cat(gradients))
        return total

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, None, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * outer[0].to(gradient.dtype), None, None, None


@torch.inference_mode()
def held_out_loss(model: PreTrainedModel, documents: list[list[int]], block_size: int, *, quiet: bool = False) -> float:
    """Return the mean loss in nats per token over held-out documents.

    Each document is cut into its own blocks, so that it has no context from other documents; nothing is padded.

    Args:
        model: A causal language model.
        documents: Token ids of each document.
        block_size: Tokens in each block, at least 1.
        quiet: Show no progress bar.

    Raises:
        DeidError: The loss is not a finite number.
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


class MasterAdamW(torch.optim.AdamW):
    """AdamW that updates float32 copies of the weights and rounds them back after each step.

    A bfloat16 weight has 8 bits of precision: small updates of it and of Adam's running means would be rounded away.
    Computing with bfloat16 weights is still worthwhile: CPUs with AMX or AVX-512 multiply them several times faster.
    """

    def __init__(self, weights: Iterable[Tensor], learning_rate: float) -> None:
        """Copy ``weights``; there is no weight decay, because a low-rank adapter is small already."""
        self.weights = list(weights)
        self.masters = [weight.detach().to(torch.float32, copy=True).requires_grad_() for weight in self.weights]
        super().__init__(self.masters, lr=learning_rate, weight_decay=0.0, fused=True)

    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Update the copies from the weights' gradients, then the weights from the copies."""
        for weight, master in zip(self.weights, self.masters, strict=True):
            master.grad = None if weight.grad is None else weight.grad.float()
        super().step(closure)
        with torch.no_grad():
            for weight, master in zip(self.weights, self.masters, strict=True):
                weight.copy_(master)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the weights' gradients."""
        for weight in self.weights:
            weight.grad = None
        super().zero_grad(set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """Return the optimizer's state and the float32 copies, without which a resumed run would differ."""
        return {**super().state_dict(), "masters": [master.detach() for master in self.masters]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the result of ``state_dict``, and the weights."""
        state = dict(state_dict)
        with torch.no_grad():
            for weight, master, saved in zip(self.weights, self.masters, state.pop("masters"), strict=True):
                master.copy_(saved)
                weight.copy_(saved)
        super().load_state_dict(state)
