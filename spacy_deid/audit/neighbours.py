"""How near the nearest synthetic notes are to a real one, by their words."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spacy_deid.audit.attack import measure_attack
from spacy_deid.audit.intervals import compare_means
from spacy_deid.audit.notes import Notes
from spacy_deid.audit.word_table import scattered

Matrix: TypeAlias = NDArray[np.float32]

_COLUMNS = 8192  # words share them by chance (feature hashing, Weinberger et al. 2009)
_BLOCK = 512  # synthetic notes at a time


def measure_neighbours(notes: Notes, seed: int) -> dict[str, Any]:
    """Return how far the nearest synthetic note is, and its distance by that of the second nearest.

    "distance": 1 minus the cosine of TF-IDF vectors, in [0, 1]. "ratio": in [0, 1]; a low one singles out one
    synthetic note as this real one's. "attack": membership told by nearness.
    """
    nearest = _two_nearest(notes)
    ratio = np.divide(nearest[:, 0], nearest[:, 1], out=np.ones(len(nearest)), where=nearest[:, 1] > 0)
    return {
        "distance": compare_means(*notes.sides(nearest[:, 0]), seed).as_json(),
        "ratio": compare_means(*notes.sides(ratio), seed).as_json(),
        "attack": measure_attack(*notes.sides(-nearest[:, 0]), seed).as_json(),
    }


def _two_nearest(notes: Notes) -> NDArray[np.float64]:
    """Return the distances from each real note to its nearest two synthetic notes, shape (real notes, 2)."""
    real = _term_counts([note.words for note in notes.real])
    weights = np.log(len(real) / np.maximum((real > 0).sum(axis=0), 1)).astype(np.float32)
    real = _unit(real * weights)
    best = np.zeros((len(real), 2), dtype=np.float32)
    for start in range(0, len(notes.synthetic), _BLOCK):
        block = _unit(_term_counts(notes.synthetic[start : start + _BLOCK]) * weights)
        together = np.concatenate([best, real @ block.T], axis=1)
        best = -np.partition(-together, 1, axis=1)[:, :2]
    return np.clip(1 - best, 0, 1).astype(np.float64)


def _term_counts(notes: Sequence[NDArray[np.int32]]) -> Matrix:
    """Return log(1 + how often each note has the words of each column), shape (notes, columns)."""
    # scattered first: numbers are given in order, so those of words that only held-out notes have are all high
    columns = ((scattered(note) % np.uint64(_COLUMNS)).astype(np.int64) for note in notes)
    counts = [np.bincount(of_note, minlength=_COLUMNS) for of_note in columns]
    return np.log1p(np.array(counts, dtype=np.float32))


def _unit(rows: Matrix) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
