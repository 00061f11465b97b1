"""Exact nucleus (top-p) sampling without sorting the vocabulary.

A token belongs to the nucleus when the tokens that are more probable hold less than ``top_p`` of the mass together
(Holtzman et al. 2020, arXiv 1904.09751). So a token is drawn from the whole distribution and kept if it belongs,
drawn again otherwise: the kept draws follow the renormalised nucleus exactly, at most ``1 - top_p`` of the
draws are lost on average, and one masked sum replaces a sort that would cost more than the rest of a decoding step.
"""

from collections.abc import Sequence

import numpy as np
import torch


def sample_nucleus(
    logits: torch.Tensor, temperature: float, top_p: float, generators: Sequence[np.random.Generator]
) -> list[int]:
    """Draw one token a row.

    logits: (rows, vocabulary). temperature > 0, top_p in (0, 1]. generators: one a row, so that a row's tokens depend
    on its own seed alone and not on the company it was decoded in.
    """
    probabilities = torch.softmax(logits.float() / temperature, dim=-1)
    cumulative = probabilities.cumsum(-1)
    tokens = [0] * len(generators)
    pending = list(range(len(generators)))
    while pending:
        uniform = torch.tensor([[generators[row].random()] for row in pending], device=logits.device)
        rows = slice(None) if len(pending) == len(tokens) else torch.tensor(pending, device=logits.device)
        draws = _inverse(cumulative[rows], uniform.float())
        inside = _in_nucleus(probabilities[rows], draws, top_p)
        for row, token in zip(pending, draws[:, 0].tolist(), strict=True):
            tokens[row] = token
        pending = [row for row, kept in zip(pending, inside.tolist(), strict=True) if not kept]
    return tokens


def _inverse(cumulative: torch.Tensor, uniform: torch.Tensor) -> torch.Tensor:
    # the last sum is 1 up to rounding: scaled, no draw can fall behind the last token
    draws = torch.searchsorted(cumulative, uniform * cumulative[:, -1:], right=True)
    return draws.clamp(max=cumulative.shape[1] - 1)


def _in_nucleus(probabilities: torch.Tensor, draws: torch.Tensor, top_p: float) -> torch.Tensor:
    drawn = probabilities.gather(1, draws)
    more_probable = torch.where(probabilities > drawn, probabilities, 0.0).sum(-1)
    # a zero-probability token can be hit by rounding alone; it is never in the nucleus
    return (more_probable < top_p) & (drawn[:, 0] > 0)
