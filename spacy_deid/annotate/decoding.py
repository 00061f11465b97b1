"""Spans of token probabilities: runs of found tokens, divided and labelled by the best sequence of tags.

The tags are "O" and, for each label, those of ``ACTIONS``: begin, inside, last and unit (BILUO).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Integers = NDArray[np.intp]

ACTIONS = ("B", "I", "L", "U")
_BEGIN, _INSIDE, _LAST, _UNIT = range(len(ACTIONS))
_LEAST = np.finfo(np.float32).tiny  # in place of a probability of 0, which has no logarithm


class FoundSpan(NamedTuple):
    """Tokens ``start`` to ``end`` (exclusive), the index of their label, and the lowest probability of the tokens."""

    start: int
    end: int
    label: int
    score: float


def tags_of(labels: Sequence[str]) -> list[str]:
    """Return the tags in the order of a model's outputs."""
    return ["O", *(f"{action}-{label}" for label in labels for action in ACTIONS)]


def calibrated(probabilities: Floats, temperature: float) -> Floats:
    """Return the probabilities that a softmax with the given temperature would have given.

    Args:
        probabilities: Shape (tokens, tags), of a softmax with temperature 1.
        temperature: Above 0; the higher, the nearer the tags are to each other.
    """
    if temperature == 1:
        return probabilities
    logits = np.log(np.maximum(probabilities, _LEAST)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def of_identifier(probabilities: Floats) -> Floats:
    """Return each token's probability of being in an identifier: of any tag but "O"."""
    return probabilities[:, 1:].sum(axis=1)  # exact where "O" is almost certain, unlike 1 minus its probability


def found_spans(probabilities: Floats, ends: Sequence[int], thresholds: Sequence[float]) -> list[FoundSpan]:
    """Return the spans that are found at the thresholds, each once, in order.

    At a threshold, exactly the tokens are found whose probability of an identifier reaches it. Runs of found tokens are
    divided and labelled as a whole; a run that several thresholds find is divided once.

    Args:
        probabilities: Shape (tokens, tags), of the tokens of one document after the other.
        ends: The token after the last one of each document; no span crosses it.
        thresholds: From 0 to 1.
    """
    found = of_identifier(probabilities)
    starts, stops = _runs(found, ends, thresholds)
    if not starts.size:
        return []
    tags = np.log(np.maximum(probabilities[:, 1:], _LEAST)).reshape(len(probabilities), -1, len(ACTIONS))
    divided = set(_divided(tags, starts, stops))
    return [FoundSpan(*span, float(found[span[0] : span[1]].min())) for span in sorted(divided)]


def _runs(found: Floats, ends: Sequence[int], thresholds: Sequence[float]) -> tuple[Integers, Integers]:
    """Return the starts and ends of the runs of tokens that reach a threshold, each run once, the longest first."""
    is_last = np.zeros(len(found), dtype=np.bool_)
    is_last[np.asarray(ends, dtype=np.intp)[np.asarray(ends) > 0] - 1] = True
    is_first = np.roll(is_last, 1)
    runs: set[tuple[int, int]] = set()
    for threshold in thresholds:
        reached = found >= threshold
        starts = np.flatnonzero(reached & (is_first | ~np.roll(reached, 1)))
        stops = np.flatnonzero(reached & (is_last | ~np.roll(reached, -1))) + 1
        runs.update(zip(starts.tolist(), stops.tolist(), strict=True))
    ordered = np.array(sorted(runs, key=lambda run: run[0] - run[1]), dtype=np.intp).reshape(-1, 2)
    return ordered[:, 0], ordered[:, 1]


def _divided(tags: Floats, starts: Integers, stops: Integers) -> Iterator[tuple[int, int, int]]:
    """Yield the spans of the best tags of each run, by Viterbi over all runs at once.

    Args:
        tags: Logarithms of the probabilities, shape (tokens, labels, actions).
        starts: The first token of each run, the longest run first.
        stops: The token after the last one of each run.
    """
    lengths = stops - starts
    labels = tags.shape[1]
    closed = np.zeros(len(starts))  # of the best tags up to a token at which a span ends
    opened = np.full((len(starts), labels), -np.inf)  # and at which a span of each label goes on
    endings, goes_on = [], []
    for step in range(lengths[0]):
        count = int((lengths > step).sum())
        of_token = tags[starts[:count] + step]
        ending = np.hstack([opened[:count] + of_token[:, :, _LAST], closed[:count, None] + of_token[:, :, _UNIT]])
        begun = closed[:count, None] + of_token[:, :, _BEGIN]
        inside = opened[:count] + of_token[:, :, _INSIDE]
        endings.append(ending.argmax(axis=1).tolist())
        goes_on.append((inside > begun).tolist())
        closed[:count] = ending.max(axis=1)
        opened[:count] = np.maximum(inside, begun)
    for run, (start, length) in enumerate(zip(starts.tolist(), lengths.tolist(), strict=True)):
        end = length
        while end:
            ending = endings[end - 1][run]
            label, begin = ending % labels, end - 1
            if ending < labels:  # not a unit
                begin -= 1
                while goes_on[begin][run][label]:
                    begin -= 1
            yield start + begin, start + end, label
            end = begin
