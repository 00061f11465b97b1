"""The answer of a language model that copies: the source's pieces with tags between them, and nothing else.

At each step only three things are allowed: the next piece of the source, an opening tag (outside a tag), the closing
tag (inside one). The format and the positions are exact by construction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spacy_deid.llm.decide import NOTHING

MOST_UNITS = 40  # of one identifier; a longer one is a tag that the model forgot to close

Logits = Callable[[int], float]  # of a piece of the vocabulary, at one step


@dataclass(frozen=True)
class Tags:
    """The pieces of the opening and the closing tag of each label."""

    opening: tuple[tuple[int, ...], ...]
    closing: tuple[tuple[int, ...], ...]

    def vocabulary(self) -> set[int]:
        """Return all pieces of the tags."""
        return {piece for tag in (*self.opening, *self.closing) for piece in tag}

    def next_pieces(self, written: Sequence[int]) -> list[int]:
        """Return the pieces that may follow the first pieces of an opening tag; none if it is complete."""
        length = len(written)
        following = [tag[length] for tag in self.opening if tag[:length] == tuple(written) and len(tag) > length]
        return sorted(set(following))

    def longest(self) -> int:
        """Return the most pieces that one identifier adds."""
        return max(len(start) + len(end) for start, end in zip(self.opening, self.closing, strict=True))


@dataclass(frozen=True)
class Source:
    """The pieces of a window.

    breaks: whether a piece holds the end of a line. whole: whether a character begins at the piece, so that a tag may
    stand before it. units: the number of the unit of each piece.
    """

    ids: Sequence[int] = field(repr=False)
    breaks: Sequence[bool]
    whole: Sequence[bool]
    units: Sequence[int]

    def window(self, start: int, end: int) -> "Source":
        """Return the pieces ``start`` to ``end`` (exclusive)."""
        here = slice(start, end)
        return Source(self.ids[here], self.breaks[here], self.whole[here], self.units[here])


@dataclass(frozen=True)
class Marks:
    """The decision on each piece: its column (0: no identifier), whether a tag opens before it, and the tag's score."""

    columns: NDArray[np.int64]
    begins: NDArray[np.bool_]
    scores: NDArray[np.float32]

    @classmethod
    def none(cls, length: int) -> "Marks":
        """Return marks of ``length`` pieces, none of them in an identifier."""
        return cls(np.zeros(length, np.int64), np.zeros(length, np.bool_), np.zeros(length, np.float32))


class Answer:
    """An answer that grows. The next pieces of the source are its draft, which the model checks in one pass."""

    def __init__(self, source: Source, tags: Tags, bias: float, last: int) -> None:
        """Store the arguments.

        Args:
            source: The window.
            tags: The tags.
            bias: Nats in favour of an opening tag.
            last: The last piece of the prompt, which the model has not read yet.
        """
        self.marks = Marks.none(len(source.ids))
        self._source = source
        self._tags = tags
        self._bias = bias
        self._unread = [last]  # pieces that are decided, but not read by the model
        self._at = 0  # the next piece of the source
        self._tag: list[int] = []  # the pieces of an opening tag whose label is not decided yet
        self._column = NOTHING
        self._begin = 0  # the first piece inside the open tag
        self._score = 0.0

    @property
    def done(self) -> bool:
        """Whether the whole source is copied."""
        return self._at == len(self._source.ids)

    def next_input(self, draft: int) -> list[int]:
        """Return the pieces to be read next: the decided ones and, outside a tag, ``draft`` pieces of the source."""
        return [*self._unread, *self._drafted(draft)]

    def vocabulary(self, draft: int) -> Sequence[int]:
        """Return the pieces of the source whose logits the next decisions need."""
        return self._source.ids[self._at : self._at + draft + 1]

    def decide(self, steps: Sequence[Logits], draft: int) -> int:
        """Decide as far as the draft is right, and return how many pieces of the input stand.

        Args:
            steps: The logits after each piece of the input.
            draft: As for `next_input`.
        """
        stand = len(self._unread)
        drafted = self._drafted(draft)
        while True:
            self._unread = self._next_tag(steps[stand - 1])
            if self._unread:
                return stand
            piece = self._copy()
            if self.done or not drafted:
                self._unread = [piece]
                return stand
            drafted = drafted[1:]
            stand += 1

    def _drafted(self, draft: int) -> Sequence[int]:
        return [] if self._tag else self._source.ids[self._at : self._at + draft]

    def _copy(self) -> int:
        """Copy the next piece and return it."""
        at = self._at
        if self._column != NOTHING:
            self.marks.columns[at], self.marks.begins[at] = self._column, at == self._begin
            self.marks.scores[at] = self._score
        self._at += 1
        return self._source.ids[at]

    def _next_tag(self, logits: Logits) -> list[int]:
        """Return the pieces of a tag that come next; none if it is the next piece of the source."""
        if self._tag:
            return self._write(logits)
        return self._open(logits) if self._column == NOTHING else self._close(logits)

    def _open(self, logits: Logits) -> list[int]:
        piece = self._source.ids[self._at]
        firsts = self._tags.next_pieces([])
        # a piece of the note that looks like the beginning of a tag is copied
        if self._source.breaks[self._at] or not self._source.whole[self._at] or piece in firsts:
            return []
        opened, copied = float(np.logaddexp.reduce([logits(first) for first in firsts])), logits(piece)
        if opened + self._bias <= copied:
            return []
        self._score = float(np.exp(opened - np.logaddexp(opened, copied)))
        return self._write(logits)

    def _write(self, logits: Logits) -> list[int]:
        """Return the next piece of an opening tag, and those after it that leave no choice."""
        before = len(self._tag)
        choices = self._tags.next_pieces(self._tag)
        values = np.array([logits(choice) for choice in choices])
        self._score *= float(np.exp(values.max() - np.logaddexp.reduce(values)))
        self._tag.append(choices[int(values.argmax())])
        while len(choices := self._tags.next_pieces(self._tag)) == 1:
            self._tag += choices
        written = self._tag[before:]
        if not choices:
            self._column = self._tags.opening.index(tuple(self._tag)) + 1
            self._begin, self._tag = self._at, []
        return written

    def _close(self, logits: Logits) -> list[int]:
        at, source = self._at, self._source
        if at == self._begin or not source.whole[at]:
            return []
        tag = self._tags.closing[self._column - 1]
        too_long = source.units[at] - source.units[self._begin] >= MOST_UNITS
        wanted = tag[0] != source.ids[at] and logits(tag[0]) > logits(source.ids[at])
        if not (source.breaks[at] or too_long or wanted):
            return []
        self._column = NOTHING
        return list(tag)
