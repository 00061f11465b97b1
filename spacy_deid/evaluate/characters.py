"""What would stay readable: label-blind scores on characters, spans and whole notes."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spacy_deid.evaluate.note import ScoredNote
from spacy_deid.extensions import CharSpan


class CharacterCounts(NamedTuple):
    """Non-space characters: gold ones found and missed, other ones redacted for nothing and left."""

    found: int
    missed: int
    over: int
    clear: int


def character_counts(note: ScoredNote) -> CharacterCounts:
    """Count a note's non-space characters by gold and prediction, whatever the labels."""
    visible = _where(note.text, lambda character: not character.isspace())
    gold = _mask(note.text, note.gold) & visible
    predicted = _mask(note.text, note.predicted) & visible
    return CharacterCounts(
        found=int((gold & predicted).sum()),
        missed=int((gold & ~predicted).sum()),
        over=int((predicted & ~gold).sum()),
        clear=int((visible & ~gold & ~predicted).sum()),
    )


def leaks(note: ScoredNote) -> list[CharSpan]:
    """Return the gold spans with a letter or digit that nothing covers; punctuation gives nothing away."""
    readable = _where(note.text, str.isalnum) & ~_mask(note.text, note.predicted)
    return [span for span in sorted(note.gold) if readable[span.start : span.end].any()]


def _where(text: str, condition: Callable[[str], bool]) -> NDArray[np.bool_]:
    return np.fromiter(map(condition, text), dtype=np.bool_, count=len(text))


def _mask(text: str, spans: Iterable[CharSpan]) -> NDArray[np.bool_]:
    mask = np.zeros(len(text), dtype=np.bool_)
    for span in spans:
        mask[max(span.start, 0) : span.end] = True
    return mask
