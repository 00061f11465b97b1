"""Many answers as rows of one batch: each pass reads what is decided and a draft, and cuts back what was not right."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import DynamicCache

from spacy_deid.errors import DeidError
from spacy_deid.llm.answer import Answer, Logits, Marks, Source, Tags

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Rows:
    """What a model has read, in rows that end in the same column, so that its sliding windows see the right pieces.

    The columns before a row's first piece are hidden from it.
    """

    def __init__(self, network: "PreTrainedModel", rows: int) -> None:
        self._network = network
        self._cache = DynamicCache()
        self._lengths = torch.zeros(rows, dtype=torch.long)

    def prompt(self, prompts: Sequence[Sequence[int]]) -> None:
        """Read the prompts, without the vocabulary's head, which is large."""
        network = self._network
        self._pass(network.get_decoder() if hasattr(network, "get_decoder") else network.base_model, prompts)
        self.keep(range(len(prompts)), [len(prompt) for prompt in prompts])

    def logits(self, inputs: Sequence[Sequence[int]]) -> Tensor:
        """Return the logits after each piece of the inputs, shape (rows, longest input, vocabulary)."""
        logits: Tensor = self._pass(self._network, inputs).logits
        return logits

    def keep(self, rows: Sequence[int], stand: Sequence[int]) -> None:
        """Keep some rows, and of the last input of each as many pieces as stand.

        Args:
            rows: Numbers of the rows.
            stand: Pieces of each of these rows.
        """
        kept = torch.tensor(list(rows), dtype=torch.long)
        first = (self._lengths.max() - self._lengths)[kept]  # the column of each row's first piece
        self._lengths = self._lengths[kept] + torch.tensor(list(stand), dtype=torch.long)
        width = int(self._lengths.max()) if len(kept) else 0
        columns = (first + self._lengths)[:, None] - width + torch.arange(width)[None]
        self._select(kept, columns.clamp(min=0))

    def _select(self, rows: Tensor, columns: Tensor) -> None:
        for states in (self._cache.key_cache, self._cache.value_cache):
            for layer, state in enumerate(states):
                index = (rows.to(state.device)[:, None], columns.to(state.device))
                states[layer] = state.transpose(1, 2)[index].transpose(1, 2)

    def _pass(self, network: Any, inputs: Sequence[Sequence[int]]) -> Any:
        columns, width = int(self._lengths.max()), max(map(len, inputs))
        ids = torch.zeros(len(inputs), width, dtype=torch.long)
        for row, own in enumerate(inputs):
            ids[row, : len(own)] = torch.tensor(own)
        visible = torch.arange(columns + width)[None] >= (columns - self._lengths)[:, None]
        # no piece reads what stands behind its row's input; the place of that need only exist in the model
        behind = torch.tensor([len(own) - 1 for own in inputs])[:, None]
        places = self._lengths[:, None] + torch.arange(width)[None].minimum(behind)
        device = self._network.device
        return network(
            input_ids=ids.to(device),
            attention_mask=visible.long().to(device),
            position_ids=places.to(device),
            past_key_values=self._cache,
            use_cache=True,
        )


@torch.inference_mode()
def copied(
    network: "PreTrainedModel",
    prompts: Sequence[Sequence[int]],
    sources: Sequence[Source],
    tags: Tags,
    *,
    bias: float,
    draft: int,
) -> list[Marks]:
    """Return the marks with which a model copies the sources.

    Args:
        network: A causal language model.
        prompts: Pieces of each prompt, at least two.
        sources: The window that follows each prompt, at least one piece.
        tags: The tags.
        bias: Nats in favour of an opening tag.
        draft: Pieces of the source that are checked in one pass; 0: step by step, with the same result.

    Raises:
        DeidError: The model computes something that is not a number.
    """
    answers = [Answer(source, tags, bias, last=prompt[-1]) for prompt, source in zip(prompts, sources, strict=True)]
    rows = Rows(network, len(answers))
    rows.prompt([prompt[:-1] for prompt in prompts])
    open_answers = answers
    while open_answers:
        stand = _decide(rows, open_answers, tags, draft)
        left = [row for row, answer in enumerate(open_answers) if not answer.done]
        rows.keep(left, [stand[row] for row in left])
        open_answers = [open_answers[row] for row in left]
    return [answer.marks for answer in answers]


def _decide(rows: Rows, answers: Sequence[Answer], tags: Tags, draft: int) -> list[int]:
    """Make one pass, and return how many pieces of each answer's input stand."""
    inputs = [answer.next_input(draft) for answer in answers]
    needed = sorted(tags.vocabulary().union(*(answer.vocabulary(draft) for answer in answers)))
    logits = rows.logits(inputs)[..., torch.tensor(needed)].float().cpu().numpy()
    if not all(np.isfinite(own[: len(fed)]).all() for own, fed in zip(logits, inputs, strict=True)):
        msg = (
            "deid.Copier.v1: the language model computes values that are not numbers. "
            "Remedy: set dtype to 'bfloat16' or 'float32'."
        )
        raise DeidError(msg)
    column = {piece: at for at, piece in enumerate(needed)}
    return [
        answer.decide([_logits_of(step, column) for step in own], draft)
        for answer, own in zip(answers, logits, strict=True)
    ]


def _logits_of(step: NDArray[np.float32], column: Mapping[int, int]) -> Logits:
    return lambda piece: float(step[column[piece]])
