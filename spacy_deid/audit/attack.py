"""How well a score tells members from held-out notes: a membership inference attack, measured.

AUC: how often a member has the higher score of a member and a held-out note; .5 by chance. TPR at 1 % FPR: the share
of members that the attack names when it takes 1 % of the held-out notes for members; 1 % by chance (Carlini et al.
2022, arXiv 2112.03570).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spacy_deid.audit.intervals import Values, interval_of
from spacy_deid.stats import RESAMPLES, Interval

FALSE_POSITIVES = 0.01
FEWEST_FOR_TPR = round(1 / FALSE_POSITIVES)  # of fewer held-out notes, 1 % is not one


@dataclass(frozen=True, slots=True)
class Attack:
    """AUC and TPR at 1 % FPR, each in [0, 1], with 95 % intervals over notes.

    tpr: None with fewer than `FEWEST_FOR_TPR` held-out notes. The highest of these would be the threshold, which 1 of
    n + 1 further notes pass: with 25, one of three fair splits would seem to name too many.
    """

    auc: Interval
    tpr: Interval

    def as_json(self) -> dict[str, Any]:
        """Return the two as dicts of value, low and high, rounded."""
        return {"auc": self.auc.rounded(), "tpr_at_1_percent_fpr": self.tpr.rounded()}


def measure_attack(members: Sequence[float], heldout: Sequence[float], seed: int) -> Attack:
    """Measure an attack that takes notes of high score for members; each sequence has one score a note."""
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
