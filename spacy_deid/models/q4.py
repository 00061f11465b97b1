"""GGML's Q4_0 quantisation: 4-bit weights in blocks that share a scale."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 32  # weights a block
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
BLOCK_BYTES = _BLOCK_TYPE.itemsize


def decode_q4_0(data: bytes | memoryview, rows: int, columns: int) -> "NDArray[np.float32]":
    """Return the float32 matrix (rows, columns) of Q4_0 bytes; ``columns`` must be a multiple of 32.

    A weight is (nibble - 8) * scale; the low nibbles are a block's first 16 weights, the high ones its last 16.
    """
    blocks = np.frombuffer(data, _BLOCK_TYPE, rows * columns // BLOCK)
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
    weights = (nibbles.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(rows, columns)
