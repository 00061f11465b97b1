"""Ranges of characters and of tokens: containment, conversion, and the texts of tokens."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate

from spacy.attrs import SPACY
from spacy.tokens import Doc

Range = tuple[int, int]  # start and end (exclusive)


class Cover:
    """A set of ranges, which may overlap, that answers whether one of them contains another range."""

    def __init__(self, ranges: Iterable[Range]) -> None:
        ordered = sorted(ranges)
        self._starts = [start for start, _ in ordered]
        self._furthest = list(accumulate((end for _, end in ordered), max))

    def holds(self, start: int, end: int) -> bool:
        """Whether ``start`` to ``end`` lies wholly within a single range."""
        before = bisect_right(self._starts, start)
        return before > 0 and self._furthest[before - 1] >= end


class TokenRanges:
    """Ranges of a Doc's characters as ranges of its tokens; ``text`` is the Doc's, which spaCy joins at each call."""

    def __init__(self, doc: Doc) -> None:
        self.text = doc.text
        # for bisection: Doc.char_span searches from the first token on, minutes for a note of 200,000 characters
        starts, lengths = doc.to_array(["IDX", "LENGTH"]).T
        self._starts: list[int] = starts.tolist()
        self._ends: list[int] = (starts + lengths).tolist()

    def expanded(self, start: int, end: int) -> Range | None:
        """Return the tokens that overlap the characters, without white space at their ends.

        None if the characters are white space or lie between tokens.
        """
        covered = self.text[start:end]
        start, end = start + len(covered) - len(covered.lstrip()), end - len(covered) + len(covered.rstrip())
        first, last = bisect_right(self._ends, start), bisect_left(self._starts, end)
        return (first, last) if start < end and first < last else None

    def contracted(self, start: int, end: int) -> Range | None:
        """Return the tokens that lie wholly within the characters, or None."""
        first, last = bisect_left(self._starts, start), bisect_right(self._ends, end)
        return (first, last) if first < last else None


class Words:
    """The texts of a Doc's tokens by index; "" at an index outside the Doc."""

    def __init__(self, doc: Doc) -> None:
        self.text = doc.text
        starts, lengths, spaces = doc.to_array(["IDX", "LENGTH", SPACY]).T
        self.starts: list[int] = starts.tolist()
        self.ends: list[int] = (starts + lengths).tolist()
        self._spaces: list[int] = spaces.tolist()

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, at: int) -> str:
        return self.text[self.starts[at] : self.ends[at]] if 0 <= at < len(self.starts) else ""

    def of(self, start: int, end: int) -> list[str]:
        """Return the texts of the tokens from ``start`` to ``end`` (exclusive)."""
        return [self.text[first:last] for first, last in zip(self.starts[start:end], self.ends[start:end], strict=True)]

    def span(self, start: int, end: int) -> str:
        """Return the text from the token ``start`` to the token before ``end``."""
        return self.text[self.starts[start] : self.ends[end - 1]] if start < end else ""

    def space_before(self, at: int) -> bool:
        """Whether a space separates the token from the one before it; other white space is a token."""
        return at > 0 and bool(self._spaces[at - 1])


def has_text(word: str) -> bool:
    """Whether ``word`` has a letter or digit."""
    return any(map(str.isalnum, word))
