"""The language-model loss without a table of every position's score for every piece of the vocabulary.

For a block of 512 tokens and 262,144 pieces that table is 0.5 GB in float32, and it is made several times over. Here a
few positions at a time go through the output head, and what is kept of them is only the gradient of their hidden state,
as in Liger Kernel's fused linear cross entropy (Hsu et al. 2024, arXiv 2410.10989). The head itself must be frozen.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from spacy_deid.generate.adapt.packing import IGNORED

# Some architectures change the scores after the head; their own forward pass must be used
SCORE_CHANGES = ("final_logit_softcapping", "logit_scale", "logits_scaling")
# Float32 bytes of scores held at a time. On CPU, glibc hands blocks over 32 MB back to the system at every step
CHUNK_BYTES = {"cpu": 24 << 20, "cuda": 512 << 20}


def summed_loss(model: PreTrainedModel, inputs: Tensor, targets: Tensor) -> Tensor:
    """Return the cross entropy in nats, summed over the targets that are not ignored; a float32 scalar.

    ``inputs``, ``targets``: ids of shape (batch, length), a target being the token after its input.
    """
    head = model.get_output_embeddings()
    # Gemma 3 names its decoder in get_decoder alone, GPT-2 and BLOOM in base_model alone
    decoder = model.get_decoder() if hasattr(model, "get_decoder") else model.base_model
    if decoder is model or any(getattr(model.config, change, None) for change in SCORE_CHANGES):
        scores = model(input_ids=inputs, use_cache=False).logits
        return cross_entropy(scores.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED, reduction="sum")
    hidden = decoder(input_ids=inputs, use_cache=False).last_hidden_state
    chunk = max(1, CHUNK_BYTES[hidden.device.type] // (4 * head.weight.shape[0]))
    return _HeadLoss.apply(hidden.flatten(0, 1), head, targets.flatten(), chunk)  # type: ignore[no-any-return]


class _HeadLoss(torch.autograd.Function):
    """Output head and cross entropy, ``chunk`` positions at a time; the gradient is found on the way forward."""

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
