"""An attacker who tells originals from surrogates by counting: a logistic regression on the cues of mentions.

The attacker has the tool (it is public) and notes of the same kind, replaces what is in them, lets some mentions pass
on purpose and learns what these look like; never the key. The cues of a category have weights of their own.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.surrogates.mentions import CATEGORIES, Mention, cues

_RIDGE = 1.0  # in standard deviations of a cue: few originals teach little
_STEPS = 25

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Weights:
    mean: Values
    deviation: Values
    weights: Values  # the last is the constant

    def chance(self, rows: Values) -> Values:
        return _sigmoid(_with_constant((rows - self.mean) / self.deviation) @ self.weights)


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
    """Fit by Newton's method (Hastie et al. 2009, The Elements of Statistical Learning, 4.4.1), with a ridge."""
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    deviation[deviation == 0] = 1
    inputs = _with_constant((rows - mean) / deviation)
    penalty = np.diag([_RIDGE] * rows.shape[1] + [0.0])
    # the constant can have no end where all mentions are originals
    penalty[-1, -1] = 1e-3
    weights = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        chance = _sigmoid(inputs @ weights)
        slope = inputs.T @ (originals - chance) - penalty @ weights
        curvature = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + penalty
        weights = weights + np.linalg.solve(curvature, slope)
    return _Weights(mean, deviation, weights)


def _with_constant(rows: Values) -> Values:
    return np.hstack([rows, np.ones((len(rows), 1))])


def _sigmoid(values: Values) -> Values:
    return 1 / (1 + np.exp(-np.clip(values, -30, 30)))
