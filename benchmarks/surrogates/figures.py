"""Measures of how well scores separate originals from surrogates, with 95 % intervals over notes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spacy_deid.stats import RESAMPLES, as_interval

INSPECTED = 0.1  # share of the mentions that an attacker has the time to inspect


def attack_figures(
    notes: Sequence[int], originals: Sequence[bool], scores: Sequence[float], seed: int
) -> dict[str, Any]:
    """Return counts and, with intervals, ``auc``, ``precision``, ``recall`` and ``chance``.

    Args:
        notes: The number of the note of each mention; all mentions of a note are resampled together.
        originals: Whether each mention is an original.
        scores: The score of each mention, high for an original.
        seed: Seed of the bootstrap.

    Returns:
        auc: the probability that an original has a higher score than a surrogate, where a tie counts half. precision:
        the share of originals in the tenth of mentions with the highest scores. recall: the share of all originals that
        are in that tenth. chance: the share of originals among all mentions, the precision of an attacker who guesses.
    """
    is_original, score, note = np.array(originals), np.array(scores), np.array(notes, dtype=np.int64)
    counts = {"mentions": len(is_original), "originals": int(is_original.sum())}
    if not 0 < counts["originals"] < counts["mentions"]:
        return counts
    rng = np.random.default_rng(seed)
    _, place = np.unique(note, return_inverse=True)
    drawn = rng.multinomial(place.max() + 1, np.full(place.max() + 1, 1 / (place.max() + 1)), size=RESAMPLES)
    _, rank = np.unique(-score, return_inverse=True)  # 0: the highest score; ties share a rank
    figures = [_figures(np.ones(len(place)), is_original, rank)]
    figures += [_figures(times[place].astype(np.float64), is_original, rank) for times in drawn]
    columns = np.array(figures).T
    names = ("auc", "precision", "recall", "chance")
    return counts | {
        name: as_interval(column[:1], column[1:]).rounded(digits=3) for name, column in zip(names, columns, strict=True)
    }


def _figures(
    weights: NDArray[np.float64], is_original: NDArray[np.bool_], rank: NDArray[np.int64]
) -> tuple[float, float, float, float]:
    """Return the four figures with each mention counted ``weights`` times; NaN where they are undefined."""
    ours = np.bincount(rank, weights * is_original)
    theirs = np.bincount(rank, weights * ~is_original)
    originals, surrogates = ours.sum(), theirs.sum()
    if originals == 0 or surrogates == 0:
        return (np.nan,) * 4
    below = surrogates - np.cumsum(theirs)
    auc = (ours * (below + theirs / 2)).sum() / (originals * surrogates)
    # the rank at the end of the tenth counts in part
    wanted = INSPECTED * (originals + surrogates)
    inspected = np.clip(wanted - (np.cumsum(ours + theirs) - (ours + theirs)), 0, ours + theirs)
    found = (inspected * np.divide(ours, ours + theirs, out=np.zeros_like(ours), where=ours + theirs > 0)).sum()
    return auc, found / wanted, found / originals, originals / (originals + surrogates)
