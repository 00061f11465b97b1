"""A note as a language model's pieces: their places in the text, and the gold labels of each."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spacy_deid.extensions import CharSpan

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Pieces:
    """The ids of a text's pieces, and the characters of each: first and last (exclusive).

    A character of several bytes may have several pieces, which share its place.
    """

    ids: list[int] = field(repr=False)
    offsets: list[tuple[int, int]] = field(repr=False)

    def __len__(self) -> int:
        return len(self.ids)


def pieces_of(text: str, tokenizer: "PreTrainedTokenizerBase", *, literal: bool = False) -> Pieces:
    """Return the pieces of a text, without start and end tokens.

    Args:
        text: A note.
        tokenizer: The tokenizer of the model.
        literal: Whether the name of a special token, such as the end of a chat's turn, is read as any other text.
    """
    encoded = tokenizer(
        text, add_special_tokens=False, return_offsets_mapping=True, verbose=False, split_special_tokens=literal
    )
    return Pieces(list(encoded["input_ids"]), [(start, end) for start, end in encoded["offset_mapping"]])


def pieces_of_units(offsets: Sequence[tuple[int, int]], units: Sequence[tuple[int, int]]) -> list[range]:
    """Return the indices of the pieces that share a character with each unit; no piece is needed by white space alone.

    Args:
        offsets: Characters of each piece, in order.
        units: Characters of each unit, in order, without overlaps.
    """
    starts, ends = [start for start, _ in offsets], _running_maximum([end for _, end in offsets])
    return [range(bisect_right(ends, start), _first_from(starts, end)) for start, end in units]


def _running_maximum(values: list[int]) -> list[int]:
    return [int(value) for value in np.maximum.accumulate(values)] if values else []


def _first_from(starts: list[int], end: int) -> int:
    """Return the index of the first piece that starts at the character ``end`` or later."""
    return bisect_right(starts, end - 1)


def labels_of_pieces(
    text: str, offsets: Sequence[tuple[int, int]], spans: Sequence[CharSpan], columns: dict[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the column of each piece's label (0: no identifier), and whether a span begins at the piece.

    A piece has the label of a span with which it shares a character that is not white space.

    Args:
        text: The note.
        offsets: Characters of each piece, in order.
        spans: Gold, in order, without overlaps.
        columns: Category -> column, from 1.
    """
    column = np.zeros(len(offsets), dtype=np.int64)
    begins = np.zeros(len(offsets), dtype=np.bool_)
    places = pieces_of_units(offsets, [(span.start, span.end) for span in spans])
    for span, touched in zip(spans, places, strict=True):
        inside = [at for at in touched if text[max(span.start, offsets[at][0]) : min(span.end, offsets[at][1])].strip()]
        column[inside] = columns[span.label]
        begins[inside[:1]] = True
    return column, begins
