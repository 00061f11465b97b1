"""Prompts to tokens, tokens to text, and exact nucleus (top-p) sampling without sorting the vocabulary.

A token belongs to the nucleus if the more probable tokens together hold less than ``top_p`` of the mass (Holtzman et
al. 2020, arXiv 1904.09751). A token is therefore drawn from the whole distribution, and drawn again unless it belongs.
The accepted draws follow the renormalised nucleus exactly, and at most ``1 - top_p`` of the draws are rejected on
average. One masked sum replaces a sort, which would cost more than the rest of a decoding step.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from spacy_deid.errors import DeidError
from spacy_deid.generate.engines.protocol import Completion


def prompt_ids(tokenizer: Any, text: str) -> list[int]:
    """Return a prompt's token ids by the tokenizer's template; for "", the beginning-of-text token alone.

    Raises DeidError if the text is empty and the tokenizer has no such token.
    """
    ids = list(tokenizer(text)["input_ids"])
    if ids:
        return ids
    if tokenizer.bos_token_id is None:
        message = (
            "There is an empty prompt, and the language model's tokenizer has no beginning-of-text token "
            "(bos_token). Remedy: make seeds of at least one word (deid seed --words 1)."
        )
        raise DeidError(message)
    return [tokenizer.bos_token_id]


def end_ids(model_end: int | Sequence[int] | None, tokenizer_end: int | None) -> frozenset[int]:
    """Return every token id that ends a note: those of the model's generation config and of its tokenizer."""
    ends = [model_end] if isinstance(model_end, int) else list(model_end or ())
    return frozenset(end for end in [*ends, tokenizer_end] if end is not None)


def completion(tokenizer: Any, prompt: list[int], sampled: Iterable[int], ends: frozenset[int]) -> Completion:
    """Return the text of the sampled tokens up to the first end token.

    Prompt and continuation are decoded together, because some tokenizers drop a leading space.

    Args:
        tokenizer: A tokenizer of transformers.
        prompt: Ids of the prompt.
        sampled: Ids of the continuation.
        ends: Ids that end a note.
    """
    kept: list[int] = []
    finished = False
    for token in sampled:
        if token in ends:
            finished = True
            break
        kept.append(int(token))
    start = len(_decode(tokenizer, prompt))
    text = _decode(tokenizer, prompt + kept)[start:]
    return Completion(text=text, finished=finished, tokens=len(kept) + finished)


def _decode(tokenizer: Any, ids: list[int]) -> str:
    text: str = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return text


def sample_nucleus(
    logits: torch.Tensor, temperature: float, top_p: float, generators: Sequence[np.random.Generator]
) -> list[int]:
    """Draw one token for each row.

    Args:
        logits: Shape (rows, vocabulary).
        temperature: Divides the logits, above 0.
        top_p: Size of the nucleus, in (0, 1].
        generators: One for each row, so that a row's tokens do not depend on the other rows of its batch.
    """
    weights = logits.to(torch.float32, copy=True)
    if temperature != 1:
        weights /= temperature
    weights.sub_(weights.amax(-1, keepdim=True)).exp_()  # in place: new memory of this size would cost as much again
    cumulative = weights.cumsum(-1)
    tokens = [0] * len(generators)
    pending = list(range(len(generators)))
    while pending:
        uniform = torch.tensor([[generators[row].random()] for row in pending], device=logits.device)
        rows = slice(None) if len(pending) == len(tokens) else torch.tensor(pending, device=logits.device)
        draws = _inverse(cumulative[rows], uniform.float())
        inside = _in_nucleus(weights[rows], cumulative[rows, -1], draws, top_p)
        for row, token in zip(pending, draws[:, 0].tolist(), strict=True):
            tokens[row] = token
        pending = [row for row, kept in zip(pending, inside.tolist(), strict=True) if not kept]
    return tokens


def _inverse(cumulative: torch.Tensor, uniform: torch.Tensor) -> torch.Tensor:
    # scaled by the last sum, so that no draw is beyond the last token
    draws = torch.searchsorted(cumulative, uniform * cumulative[:, -1:], right=True)
    return draws.clamp(max=cumulative.shape[1] - 1)


def _in_nucleus(weights: torch.Tensor, totals: torch.Tensor, draws: torch.Tensor, top_p: float) -> torch.Tensor:
    drawn = weights.gather(1, draws)
    inside = drawn[:, 0] > (1 - top_p) * totals  # then the others together hold less than top_p
    unsure = torch.nonzero(~inside)[:, 0]
    if len(unsure):
        among = weights[unsure]
        more_probable = torch.where(among > drawn[unsure], among, 0.0).sum(-1)
        # rounding can draw a token of probability zero, which is never in the nucleus
        inside[unsure] = (more_probable < top_p * totals[unsure]) & (drawn[unsure, 0] > 0)
    return inside
