"""What is scored: one note's text with two sets of spans on its characters."""

from typing import NamedTuple

from spacy_deid.extensions import CharSpan


class ScoredNote(NamedTuple):
    """A text, what annotators and what a system marked in it; being sets, both count a duplicate once.

    Where the text is the middle of a note, a predicted span may begin before it (a negative start) or end behind.
    """

    text: str
    gold: frozenset[CharSpan]
    predicted: frozenset[CharSpan]
