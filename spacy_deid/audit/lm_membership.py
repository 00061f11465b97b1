"""Membership inference on the adapted LM: can its losses tell the notes it was adapted on from held-out ones?

Three scores of a note, the higher the more likely a member:
loss: minus the mean loss of its tokens (Yeom et al. 2018, arXiv 1709.01604);
reference: how much lower that is than the loss of the base model, which takes out how hard the note is by itself
(Mireshghallah et al. 2022, arXiv 2203.03929);
min_k: minus the mean loss of the fifth of its tokens that are hardest (Shi et al. 2024, arXiv 2310.16789).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spacy_deid.audit.attack import measure_attack
from spacy_deid.audit.token_losses import Losses
from spacy_deid.errors import DeidError

HARDEST = 0.2  # share of tokens, as in the paper's main results


def lm_membership(
    adapted: Mapping[str, Sequence[Losses]], base: Mapping[str, Sequence[Losses]], seed: int
) -> dict[str, Any]:
    """Return each attack's AUC and TPR at 1 % FPR.

    ``adapted``, ``base``: the token losses of the "members" and of the "heldout" notes, under either model; the same
    notes in the same order.
    """
    return {
        "notes": {side: len(losses) for side, losses in adapted.items()},
        **{
            name: measure_attack(scores["members"], scores["heldout"], seed).as_json()
            for name, scores in _scores(adapted, base).items()
        },
    }


def _scores(
    adapted: Mapping[str, Sequence[Losses]], base: Mapping[str, Sequence[Losses]]
) -> dict[str, dict[str, list[float]]]:
    loss = {side: [-_mean(note) for note in notes] for side, notes in adapted.items()}
    harder = {side: [_mean(note) for note in notes] for side, notes in base.items()}
    return {
        "loss": loss,
        "reference": {side: [a + b for a, b in zip(loss[side], harder[side], strict=True)] for side in loss},
        "min_k": {side: [-_hardest(note) for note in notes] for side, notes in adapted.items()},
    }


def _mean(losses: Losses) -> float:
    mean = float(losses.mean())
    if not math.isfinite(mean):
        msg = "A loss is not a finite number. Remedy: check the model's weights and dtype."
        raise DeidError(msg)
    return mean


def _hardest(losses: Losses) -> float:
    count = math.ceil(HARDEST * losses.size)
    return float(np.partition(losses, losses.size - count)[-count:].mean())
