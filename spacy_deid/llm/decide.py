"""From probabilities to spans: the label of each unit, and which neighbours are one identifier."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spacy_deid.errors import DeidError

NOTHING = 0  # the column of "no identifier"


@dataclass(frozen=True)
class Unit:
    """A word or mark: its characters, ``start`` to ``end`` (exclusive), and whether a line ends before it."""

    start: int
    end: int
    begins_line: bool


@dataclass(frozen=True)
class Reading:
    """The decisions of a model on the units of one note.

    labels: the labels of the columns after the first. log_probabilities: shape (units, labels + 1), natural logarithms;
    the first column is "no identifier". begins: the probability that an identifier begins at the unit, shape (units,).
    """

    labels: tuple[str, ...]
    units: Sequence[Unit]
    log_probabilities: NDArray[np.float32]
    begins: NDArray[np.float32]


@dataclass(frozen=True)
class ScoredSpan:
    """Characters ``start`` to ``end`` (exclusive) with a label; ``score``: the probability of an identifier."""

    start: int
    end: int
    label: str
    score: float


def by_unit(log_probabilities: NDArray[np.float32], pieces: Sequence[range]) -> NDArray[np.float32]:
    """Return the log-probabilities of each unit: the mean of its pieces', normalised.

    Args:
        log_probabilities: A row for each piece.
        pieces: The pieces of each unit.

    Raises:
        DeidError: A unit has no piece, so that nothing was decided about it.
    """
    without = [number for number, own in enumerate(pieces) if not own]
    if without:
        raise DeidError(
            f"{len(without)} of {len(pieces)} words have no piece of the language model, the first is number "
            f"{without[0]}. Remedy: use a tokenizer that encodes every character."
        )
    if not pieces:
        return log_probabilities[:0]
    means = np.stack([log_probabilities[own.start : own.stop].mean(axis=0) for own in pieces])
    normalised: NDArray[np.float32] = means - np.logaddexp.reduce(means, axis=1, keepdims=True)
    return normalised


def spans_of(reading: Reading, bias: float = 0.0) -> list[ScoredSpan]:
    """Return the identifiers of a note, in order.

    Units of the same label that follow each other in a line are one identifier, unless one begins at the later. A span
    has the score of its surest unit.

    Args:
        reading: The decisions.
        bias: Nats that are taken off "no identifier" before the highest column wins; above 0, more is found.
    """
    biased = reading.log_probabilities.copy()
    biased[:, NOTHING] -= bias
    columns = biased.argmax(axis=1) if len(biased) else np.zeros(0, dtype=np.int64)
    scores = 1 - np.exp(reading.log_probabilities[:, NOTHING])
    spans: list[ScoredSpan] = []
    last = NOTHING
    for unit, column, score, begin in zip(reading.units, columns, scores, reading.begins, strict=True):
        if column != NOTHING:
            label = reading.labels[column - 1]
            if column == last and not unit.begins_line and begin < 0.5:
                before = spans.pop()
                spans.append(ScoredSpan(before.start, unit.end, label, max(before.score, float(score))))
            else:
                spans.append(ScoredSpan(unit.start, unit.end, label, float(score)))
        last = column
    return spans
