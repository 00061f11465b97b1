"""A causal language model that reads a note twice and decides at each piece of the second reading.

At its second reading a causal model has seen the whole note, and nothing of its pretraining is undone. The repetition
is that of echo embeddings (Springer et al., ICLR 2025, arXiv 2402.15449). Only a head of a few thousand weights is new,
and neither the format nor the positions of the decisions can go wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from spacy_deid.errors import DeidError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

HEAD = "tag_head.safetensors"
MARK = "§"  # between the two readings


@dataclass(frozen=True)
class Frame:
    """The pieces around the two readings of a window."""

    start: list[int]
    between: list[int]

    def row(self, ids: Sequence[int]) -> list[int]:
        """Return the model's input for a window."""
        return [*self.start, *ids, *self.between, *ids]

    def decided_at(self, length: int) -> range:
        """Return the positions of the second reading of a window of ``length`` pieces."""
        first = len(self.start) + length + len(self.between)
        return range(first, first + length)

    def longest_window(self, tokens: int) -> int:
        """Return the pieces of the longest window whose row has at most ``tokens`` tokens."""
        return (tokens - len(self.start) - len(self.between)) // 2


def frame_of(tokenizer: "PreTrainedTokenizerBase") -> Frame:
    """Return the frame of a tokenizer's models."""
    start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    return Frame(start, list(tokenizer(MARK, add_special_tokens=False)["input_ids"]))


@dataclass(frozen=True)
class Batch:
    """Padded rows, shape (rows, longest row), and the flat positions in it at which pieces are decided, in order."""

    ids: Tensor
    decided: Tensor


def batch_of(windows: Sequence[Sequence[int]], frame: Frame) -> Batch:
    """Return the batch of some windows. The padding is at the right, where no piece of a causal model sees it."""
    rows = [frame.row(window) for window in windows]
    width = max(map(len, rows))
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    decided = []
    for number, (row, window) in enumerate(zip(rows, windows, strict=True)):
        ids[number, : len(row)] = torch.tensor(row)
        decided += [number * width + at for at in frame.decided_at(len(window))]
    return Batch(ids, torch.tensor(decided, dtype=torch.long))


class TagHead(nn.Module):
    """The new weights, in float32: a column for "nothing" and one for each label, and one for "begins here"."""

    def __init__(self, width: int, labels: Sequence[str]) -> None:
        super().__init__()
        self.labels = tuple(labels)
        self.label = nn.Linear(width, len(self.labels) + 1)
        self.begin = nn.Linear(width, 1)

    def forward(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of the labels, shape (pieces, labels + 1), and of "begins here", shape (pieces,)."""
        states = states.float()
        return self.label(states), self.begin(states).squeeze(-1)


class EchoTagger(nn.Module):
    """A language model without its output head, which is a quarter of the arithmetic, and a `TagHead`."""

    def __init__(self, network: "PreTrainedModel", head: TagHead) -> None:
        super().__init__()
        self.network = network
        self.head = head

    def gradient_checkpointing_enable(self, **options: Any) -> None:
        """Compute states a second time in the backward pass, to save memory; transformers' Trainer calls this."""
        self.network.gradient_checkpointing_enable(**options)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the logits of `TagHead` for the pieces of all windows, in order."""
        decoder = self.network.get_decoder() if hasattr(self.network, "get_decoder") else self.network.base_model
        device = self.network.device
        states = decoder(input_ids=batch.ids.to(device), use_cache=False).last_hidden_state
        logits: tuple[Tensor, Tensor] = self.head(states.flatten(0, 1)[batch.decided.to(device)])
        return logits


def save_head(head: TagHead, path: Path) -> None:
    """Write a head as safetensors, its labels among the metadata."""
    from safetensors.torch import save_file

    save_file(head.state_dict(), path, metadata={"labels": " ".join(head.labels)})


def load_head(path: Path, width: int) -> TagHead:
    """Return the head that `save_head` wrote.

    Args:
        path: The file.
        width: Length of the model's states.

    Raises:
        DeidError: The file is absent or damaged, or the head is of a model of another width.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            labels = (file.metadata() or {})["labels"].split()
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        head = TagHead(width, labels)
        head.load_state_dict(weights)
    except FileNotFoundError as error:
        raise DeidError(
            f"{path.parent} holds no reader: {path.name} is missing. "
            "Remedy: train one with 'spacy deid adapt' and corpus.mode = 'read'."
        ) from error
    except (SafetensorError, KeyError, RuntimeError) as error:
        raise DeidError(
            f"The head {path} is damaged, or of another model ({type(error).__name__}). "
            "Remedy: name the model that it was trained on, or train it again."
        ) from error
    return head
