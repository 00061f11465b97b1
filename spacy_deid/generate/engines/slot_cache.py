"""A key-value cache in which every row of the batch has its own position.

Decoding many notes on a CPU moves far more cache than weights. The cache is therefore written in place and read as a
view: nothing is copied, expanded to the query heads or shifted, and a layer with a sliding window keeps only its
window, as a ring. Keys include their rotary positions already, so that their order in the ring does not matter.
"""

from typing import Any

import torch
from transformers import Cache, PretrainedConfig
from transformers.modeling_utils import AttentionInterface

DECODE_ATTENTION = "deid_decode"


def layer_windows(config: PretrainedConfig) -> list[int | None]:
    """Return each layer's sliding window in tokens, or None for a layer that attends to the whole text."""
    window = getattr(config, "sliding_window", None) if getattr(config, "use_sliding_window", True) else None
    kinds = getattr(config, "layer_types", None)
    if kinds is None:
        return [window] * config.num_hidden_layers
    return [window if kind == "sliding_attention" else None for kind in kinds]


class SlotCache(Cache):
    """Keys and values of ``rows`` texts of up to ``length`` tokens, for decoding one token of each row at a time.

    Call ``place`` with the position of each row before each forward pass. The pass then writes one position of each row
    and attends to the row's past. Each layer has a pair of shape (rows, key-value heads, length or window, head size).
    """

    def __init__(
        self, config: PretrainedConfig, rows: int, length: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        super().__init__()
        heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
        size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        self.capacities = [min(window or length, length) for window in layer_windows(config)]
        self._keys, self._values = (
            [torch.zeros(rows, heads, capacity, size, dtype=dtype, device=device) for capacity in self.capacities]
            for _ in range(2)
        )
        self._rows = torch.arange(rows, device=device)
        self._positions = torch.zeros(rows, dtype=torch.long, device=device)
        self._reach = 0

    def place(self, positions: torch.Tensor) -> torch.Tensor:
        """Set each row's next position, shape (rows,), and return the mask that is added: (rows, 1, 1, reach).

        The mask is zero at visible positions and minus infinity elsewhere. It is valid for ring layers too: their first
        slots fill like those of other layers, and once a row has passed the window, every slot of its ring is in use.
        """
        self._positions = positions
        self._reach = int(positions.max()) + 1
        seen = torch.arange(self._reach, device=positions.device)[None, :] <= positions[:, None]
        hidden = torch.zeros(seen.shape, dtype=self._keys[0].dtype, device=seen.device).masked_fill_(~seen, -torch.inf)
        return hidden[:, None, None, :]

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        layer_idx: int,
        cache_kwargs: dict[str, Any] | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write one position of each row, (rows, heads, 1, size), and return views of everything written so far."""
        capacity = self.capacities[layer_idx]
        slots = self._positions % capacity
        keys, values = self._keys[layer_idx], self._values[layer_idx]
        keys[self._rows, :, slots] = key_states[:, :, 0]
        values[self._rows, :, slots] = value_states[:, :, 0]
        reach = min(self._reach, capacity)
        return keys[:, :, :reach], values[:, :, :reach]

    def keep(self, rows: list[int]) -> None:
        """Drop every row but these, in this order."""
        index = torch.tensor(rows, dtype=torch.long, device=self._rows.device)
        self._keys = [keys[index] for keys in self._keys]
        self._values = [values[index] for values in self._values]
        self._rows = torch.arange(len(rows), device=self._rows.device)

    def get_seq_length(self, layer_idx: int | None = 0) -> int:
        """Return the length of the longest row."""
        return self._reach


def decode_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor,
    scaling: float | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Attend from one token a row, without expanding keys and values to the query heads.

    The query heads of one key-value head are passed as positions of a sequence. The result is the same, because a
    single new token needs no causal order among them.

    Args:
        module: The layer; not used.
        query: Shape (rows, heads, 1, size).
        key: Shape (rows, key-value heads, reach, size).
        value: Shape of ``key``.
        attention_mask: Added to the scores, see `SlotCache.place`.
        scaling: Factor of the scores; None for the default of torch.
        kwargs: Not used.

    Returns:
        Output of shape (rows, 1, heads, size) and None for the attention weights, as transformers' functions do.
    """
    rows, heads, _, size = query.shape
    grouped = query.reshape(rows, key.shape[1], heads // key.shape[1], size)
    mask = attention_mask[..., : key.shape[2]]
    output = torch.nn.functional.scaled_dot_product_attention(grouped, key, value, attn_mask=mask, scale=scaling)
    return output.reshape(rows, 1, heads, size), None


AttentionInterface.register(DECODE_ATTENTION, decode_attention)
