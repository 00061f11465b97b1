"""Membership inference from the synthetic notes alone, since a recipient of the corpus has nothing else.

Each attack scores every real note. AUC: how often a member scores higher than a held-out note; .5 by chance. TPR at 1 %
FPR, the true-positive rate at a false-positive rate of 1 %: the share of members that the attack identifies when it
takes 1 % of the held-out notes for members; 1 % by chance (Carlini et al. 2022, arXiv 2112.03570).

The nearest-neighbour attack scores a note by its distance to the nearest synthetic note. The perplexity attack trains a
language model of words on the synthetic notes and scores a note by how likely the model finds it (Meeus et al. 2025,
arXiv 2502.14921, do so with n-grams too).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spacy_deid.audit.inputs import Notes
from spacy_deid.audit.intervals import Values, compare_means, interval_of
from spacy_deid.audit.words import log_probabilities, scattered
from spacy_deid.stats import RESAMPLES, Interval

Matrix: TypeAlias = NDArray[np.float32]

FALSE_POSITIVES = 0.01
FEWEST_FOR_TPR = round(1 / FALSE_POSITIVES)  # of fewer held-out notes, 1 % is not one
_COLUMNS = 8192  # of the word counts; some words share one (feature hashing, Weinberger et al. 2009)
_BLOCK = 512  # synthetic notes at a time


@dataclass(frozen=True, slots=True)
class Attack:
    """AUC and TPR at 1 % FPR, each in [0, 1], with 95 % intervals over notes.

    tpr: None with fewer than `FEWEST_FOR_TPR` held-out notes. The highest score of n held-out notes would be the
    threshold, which one in n + 1 further notes exceeds: with 25, in one of three fair splits the attack would seem to
    identify too many members.
    """

    auc: Interval
    tpr: Interval

    def as_json(self) -> dict[str, Any]:
        """Return the two as dicts of value, low and high, rounded."""
        return {"auc": self.auc.rounded(), "tpr_at_1_percent_fpr": self.tpr.rounded()}


def measure_attack(members: Sequence[float], heldout: Sequence[float], seed: int) -> Attack:
    """Measure an attack that takes notes with high scores for members.

    Args:
        members: A score for each member.
        heldout: A score for each held-out note.
        seed: Of the resampling.
    """
    rng = np.random.default_rng(seed)
    ours, theirs = np.array(members, dtype=np.float64), np.array(heldout, dtype=np.float64)
    draws = [
        (ours, theirs),
        *((rng.choice(ours, ours.size), rng.choice(theirs, theirs.size)) for _ in range(RESAMPLES)),
    ]
    auc, tpr = map(interval_of, np.array([_auc_and_tpr(*draw) for draw in draws]).T)
    return Attack(auc, tpr if theirs.size >= FEWEST_FOR_TPR else Interval(None, None, None))


def _auc_and_tpr(members: Values, heldout: Values) -> tuple[float, float]:
    ordered = np.sort(heldout)
    below, up_to = np.searchsorted(ordered, members, "left"), np.searchsorted(ordered, members, "right")
    auc = (below + up_to).mean() / (2 * heldout.size)  # a tie counts half
    allowed = int(FALSE_POSITIVES * heldout.size)
    threshold = ordered[heldout.size - 1 - allowed]
    return float(auc), float((members > threshold).mean())


def measure_corpus_membership(notes: Notes, seed: int) -> dict[str, Any]:
    """Return AUC and TPR at 1 % FPR of three attacks.

    "likelihood", the perplexity attack: the mean log probability of a word. "calibrated": the same minus the mean log
    probability by single words, so that common words do not raise the score. "longest_run": the largest number of words
    in a row that a synthetic note repeats.
    """
    whole, single = log_probabilities(notes.real_table, notes.synthetic_table, notes.vocabulary_size)
    scores = {
        "likelihood": whole,
        "calibrated": whole - single,
        "longest_run": notes.longest_runs,
    }
    return {name: measure_attack(*notes.sides(score), seed).as_json() for name, score in scores.items()}


def measure_neighbours(notes: Notes, seed: int) -> dict[str, Any]:
    """Return the distance to the nearest synthetic note, its ratio to the second distance, and the attack by it.

    "distance": 1 minus the cosine of TF-IDF vectors, in [0, 1]. "ratio": the distance divided by that to the second
    nearest note, in [0, 1]; a low ratio singles out one synthetic note. "attack": the nearest-neighbour attack.
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
    """Return log(1 + count of the words of each column in each note), shape (notes, columns)."""
    # scattered first: numbers are given in order, so words that occur only in held-out notes have the highest ones
    columns = ((scattered(note) % np.uint64(_COLUMNS)).astype(np.int64) for note in notes)
    counts = [np.bincount(of_note, minlength=_COLUMNS) for of_note in columns]
    return np.log1p(np.array(counts, dtype=np.float32))


def _unit(rows: Matrix) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
