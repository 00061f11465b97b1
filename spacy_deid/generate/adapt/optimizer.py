"""AdamW for weights kept in bfloat16."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor


class MasterAdamW(torch.optim.AdamW):
    """AdamW that updates float32 copies of the weights and rounds them back after each step.

    A bfloat16 weight has 8 bits of precision: small updates to it, and to Adam's running means, would be rounded away.
    Computing with bfloat16 weights still pays, since CPUs with AMX or AVX-512 multiply them several times faster.
    """

    def __init__(self, weights: Iterable[Tensor], learning_rate: float) -> None:
        """Copy ``weights``; no weight decay, since a low-rank adapter is small already."""
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
        """Restore what ``state_dict`` returned, and with it the weights."""
        state = dict(state_dict)
        with torch.no_grad():
            for weight, master, saved in zip(self.weights, self.masters, state.pop("masters"), strict=True):
                master.copy_(saved)
                weight.copy_(saved)
        super().load_state_dict(state)
