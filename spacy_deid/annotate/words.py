"""A Doc's tokens as text, read at once: spaCy makes an object for each token that is asked for."""

from spacy.attrs import SPACY
from spacy.tokens import Doc


class Words:
    """The tokens of a Doc by their places, as their texts; a place that the Doc has not holds ""."""

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
        """Whether a space parts the token from the one before it; white space of its own is a token."""
        return at > 0 and bool(self._spaces[at - 1])


def has_text(word: str) -> bool:
    """Whether ``word`` has a letter or digit."""
    return any(map(str.isalnum, word))
