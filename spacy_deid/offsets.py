"""Mapping of offsets between a text and its redacted text."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Replacement(NamedTuple):
    """The replacement of the characters ``start`` to ``end`` of the untouched text.

    ``label`` is that of the entity (`spacy_deid.labels.category_of` gives its category), ``mode`` the redaction mode
    that made ``text``.
    """

    start: int
    end: int
    text: str
    label: str = ""
    mode: str = ""


def rewritten(text: str, replacements: Iterable[Replacement]) -> str:
    """Return ``text`` with its replacements, which are in order and do not overlap."""
    pieces: list[str] = []
    read = 0
    for start, end, replacement, *_ in replacements:
        pieces += text[read:start], replacement
        read = end
    return "".join([*pieces, text[read:]])


class OffsetMap:
    """Maps spans of characters between a text and its redacted text.

    Characters outside of replacements map one to one. A span that begins or ends within a replacement, or within the
    replaced characters, is widened to all of them.
    """

    def __init__(self, replacements: Sequence[Replacement]) -> None:
        """Take replacements in the order of the text, without overlaps and without empty originals."""
        self._original = _Stretches()
        self._redacted = _Stretches()
        grown = 0
        for start, end, text, *_ in replacements:
            self._original.add(start, end)
            self._redacted.add(start + grown, start + grown + len(text))
            grown += len(text) - (end - start)

    def to_redacted(self, start: int, end: int) -> tuple[int, int]:
        """Return the range in the redacted text for characters ``start`` to ``end`` of the untouched text."""
        return _mapped(start, end, self._original, self._redacted)

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the range in the untouched text for characters ``start`` to ``end`` of the redacted text."""
        return _mapped(start, end, self._redacted, self._original)


class _Stretches:
    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []

    def add(self, start: int, end: int) -> None:
        self.starts.append(start)
        self.ends.append(end)


def _mapped(start: int, end: int, here: _Stretches, there: _Stretches) -> tuple[int, int]:
    if not 0 <= start <= end:
        msg = f"{start} to {end} is not a span of characters."
        raise ValueError(msg)
    # the last stretch that begins at or before start, the first that ends at or after end
    first = bisect_right(here.starts, start) - 1
    last = bisect_left(here.ends, end)
    if first < 0:
        mapped_start = start
    elif start < here.ends[first]:
        mapped_start = there.starts[first]
    else:
        mapped_start = there.ends[first] + start - here.ends[first]
    if last < len(here.starts) and end > here.starts[last]:
        return mapped_start, there.ends[last]
    before = last - 1
    mapped_end = there.ends[before] + end - here.ends[before] if before >= 0 else end
    return mapped_start, mapped_end
