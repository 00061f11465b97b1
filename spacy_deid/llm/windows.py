"""Windows of a long note, so that each piece is decided once, by the window in which it has the most context."""

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

# ends of lines, then of sentences: a window that ends there cuts no name
_BORDER = re.compile(r"\n+|[.!?]\s+")


class Window(NamedTuple):
    """The pieces ``start`` to ``end`` (exclusive) that a model reads together."""

    start: int
    end: int


class Part(NamedTuple):
    """The pieces ``start`` to ``end`` (exclusive) that the window with the number ``window`` decides."""

    window: int
    start: int
    end: int


def cut(text: str, offsets: Sequence[tuple[int, int]], longest: int, overlap: int) -> list[Window]:
    """Return windows that together hold all pieces, in order.

    A window ends at the end of a line or sentence if there is one in its second half.

    Args:
        text: The note.
        offsets: First and last character (exclusive) of each piece, in order.
        longest: Pieces of a window, more than ``2 * overlap``.
        overlap: Pieces that a window shares with the one before it, at least.
    """
    if longest <= 2 * overlap:
        msg = f"a window of {longest} pieces cannot overlap by {overlap}"
        raise ValueError(msg)
    borders = {match.end() for match in _BORDER.finditer(text)}
    windows: list[Window] = []
    start = 0
    while len(offsets) - start > longest:
        ends = range(start + longest, start + longest // 2 + overlap, -1)
        end = next((at for at in ends if _is_border(offsets, at, borders)), start + longest)
        windows.append(Window(start, end))
        start = end - overlap
    windows.append(Window(start, len(offsets)))
    return windows


def deciding_parts(windows: Sequence[Window]) -> list[Part]:
    """Return for each window the pieces that it decides: an overlap is shared half and half, so that each piece is
    decided by the window in which it is furthest from an edge.
    """
    borders = [windows[0].start]
    borders += [(before.end + after.start) // 2 for before, after in itertools.pairwise(windows)]
    borders.append(windows[-1].end)
    return [Part(number, *edges) for number, edges in enumerate(itertools.pairwise(borders))]


def _is_border(offsets: Sequence[tuple[int, int]], at: int, borders: set[int]) -> bool:
    """Whether a line or sentence ends between the piece ``at`` and the one before it."""
    # a piece may begin with the space that ends a sentence
    return offsets[at - 1][1] in borders or offsets[at][0] in borders or offsets[at][0] + 1 in borders
