"""An attacker who distinguishes originals from surrogates: a logistic regression on the cues of mentions.

The attacker has the tool, which is public, and notes of the same kind, but never the key. The attacker redacts these
notes, leaves some mentions as they are and learns to recognise these. Each category has its own weights.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from benchmarks.surrogates.mentions import CATEGORIES, Mention, cues

_RIDGE = 1.0  # in standard deviations of a cue: few originals are weak evidence
_RIDGE_OF_CONSTANT = 1e-3  # without it, the constant is unbounded if all mentions are originals

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Weights:
    mean: Values
    deviation: Values
    weights: Values  # the last is the constant

    def chance(self, rows: Values) -> Values:
        return np.asarray(expit(_with_constant((rows - self.mean) / self.deviation) @ self.weights))


class Attacker:
    """Learns from mentions whose origin is known, then scores others."""

    def __init__(self, notes: Sequence[Sequence[Mention]], lang: str) -> None:
        """notes: the mentions of each redacted text. lang: code of the language folder."""
        self._lang = lang
        rows: dict[str, list[list[float]]] = defaultdict(list)
        originals: dict[str, list[bool]] = defaultdict(list)
        for mentions in notes:
            for category, ours in _by_category(mentions).items():
                rows[category] += cues([mentions[index] for index in ours], lang)
                originals[category] += [mentions[index].is_original for index in ours]
        self._weights = {
            category: _fitted(np.array(rows[category]), np.array(originals[category], dtype=np.float64))
            for category in CATEGORIES
            if any(originals[category])
        }

    def scores(self, mentions: Sequence[Mention]) -> list[float]:
        """Return the chance, 0 to 1, that each mention of a redacted text is an original."""
        scores = [0.0] * len(mentions)
        for category, ours in _by_category(mentions).items():
            if category in self._weights:
                rows = np.array(cues([mentions[index] for index in ours], self._lang))
                for index, chance in zip(ours, self._weights[category].chance(rows), strict=True):
                    scores[index] = float(chance)
        return scores


def _by_category(mentions: Sequence[Mention]) -> dict[str, list[int]]:
    indices: dict[str, list[int]] = defaultdict(list)
    for index, mention in enumerate(mentions):
        indices[mention.category].append(index)
    return indices


def _fitted(rows: Values, originals: Values) -> _Weights:
    """Fit a logistic regression with a ridge (Hastie et al. 2009, The Elements of Statistical Learning, 4.4)."""
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    deviation[deviation == 0] = 1
    inputs = _with_constant((rows - mean) / deviation)
    ridge = np.array([_RIDGE] * rows.shape[1] + [_RIDGE_OF_CONSTANT])

    def loss(weights: Values) -> tuple[float, Values]:
        """Return the negative log-likelihood with the ridge, and its gradient."""
        scores = inputs @ weights
        value = np.logaddexp(0, scores).sum() - originals @ scores + ridge @ weights**2 / 2
        return float(value), inputs.T @ (expit(scores) - originals) + ridge * weights

    fit = minimize(loss, np.zeros(inputs.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-6})
    return _Weights(mean, deviation, fit.x)


def _with_constant(rows: Values) -> Values:
    return np.hstack([rows, np.ones((len(rows), 1))])
