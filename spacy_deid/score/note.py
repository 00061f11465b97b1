"""What is scored: one note's text with two sets of spans on its characters."""

from typing import NamedTuple

from spacy_deid.extensions import CharSpan


class ScoredNote(NamedTuple):
    """A text, what annotators and what a system marked in it; being sets, both count a duplicate once."""

    text: str
    gold: frozenset[CharSpan]
    predicted: frozenset[CharSpan]
