"""Packing tokenised documents into blocks of one length, so that no arithmetic is spent on padding."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

IGNORED = -100  # a target that the loss leaves out, as everywhere in torch and transformers


@dataclass(frozen=True)
class Blocks:
    """Inputs and the token that follows each, both of shape (blocks, block size)."""

    inputs: NDArray[np.int64]
    targets: NDArray[np.int64]

    @property
    def predicted(self) -> int:
        """How many tokens are a target."""
        return int((self.targets != IGNORED).sum())

    @property
    def padding_share(self) -> float:
        """The share of positions that teach nothing, 0 to 1."""
        return 1 - self.predicted / self.targets.size


def pack(documents: Sequence[Sequence[int]], block_size: int, padding: int) -> Blocks:
    """Lay the documents end to end and cut the stream into blocks.

    A document may go on over as many blocks as it needs. Every token but the very first is a target exactly once: the
    target of a block's last position is the first token of the next block. Only the last block is filled up, with
    ``padding``, whose targets are ignored.
    """
    stream = np.fromiter(chain.from_iterable(documents), dtype=np.int64)
    inputs, targets = stream[:-1], stream[1:]
    shape = (-1, block_size)
    missing = -len(inputs) % block_size
    return Blocks(
        inputs=np.pad(inputs, (0, missing), constant_values=padding).reshape(shape),
        targets=np.pad(targets, (0, missing), constant_values=IGNORED).reshape(shape),
    )
