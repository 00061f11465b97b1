"""Sampling with transformers' own ``generate``: any causal LM, on CPU or GPU."""

import hashlib
from collections.abc import Iterator, Sequence

import torch
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerFast
from transformers.generation.streamers import BaseStreamer

from spacy_deid.generate.engines.protocol import Completion, OnProgress, Prompt, Sampling
from spacy_deid.generate.engines.sampling import completion, end_ids, prompt_ids


class TransformersEngine:
    """Samples in batches of ``batch_size`` prompts, padded on the left; a batch ends with its longest note."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, batch_size: int) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._batch_size = batch_size
        self._ends = end_ids(model.generation_config.eos_token_id, tokenizer.eos_token_id)

    def generate(
        self, prompts: Sequence[Prompt], sampling: Sampling, on_progress: OnProgress | None = None
    ) -> list[Completion]:
        """Return one completion for each prompt, in the order of the prompts.

        transformers draws a whole batch from one stream of random numbers, whose seed depends on all seeds of the
        batch. A sample is therefore reproducible only together with its batch.
        """
        return [
            done
            for start in range(0, len(prompts), self._batch_size)
            for done in self._batch(prompts[start : start + self._batch_size], sampling, on_progress)
        ]

    def _batch(
        self, prompts: Sequence[Prompt], sampling: Sampling, on_progress: OnProgress | None
    ) -> Iterator[Completion]:
        encoded = [prompt_ids(self._tokenizer, prompt.text) for prompt in prompts]
        width = max(len(ids) for ids in encoded)
        device = self._model.device
        pad = self._pad_id()
        ids = torch.tensor([[pad] * (width - len(ids)) + ids for ids in encoded], device=device)
        mask = torch.tensor([[0] * (width - len(ids)) + [1] * len(ids) for ids in encoded], device=device)
        config = GenerationConfig(
            do_sample=True,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            top_k=0,  # transformers' own default is 50
            max_new_tokens=sampling.max_tokens,
            eos_token_id=sorted(self._ends) or None,
            pad_token_id=pad,
        )
        devices = [device] if device.type == "cuda" else []
        with torch.random.fork_rng(devices), torch.inference_mode():
            torch.manual_seed(_batch_seed(prompts))
            output = self._model.generate(
                ids,
                attention_mask=mask,
                generation_config=config,
                streamer=_Meter(on_progress, pad) if on_progress else None,
            )
        if on_progress:
            on_progress(0, len(prompts))
        for prompt, sampled in zip(encoded, output[:, width:].tolist(), strict=True):
            yield completion(self._tokenizer, prompt, sampled, self._ends)

    def _pad_id(self) -> int:
        if self._tokenizer.pad_token_id is not None:
            return int(self._tokenizer.pad_token_id)
        return min(self._ends, default=0)  # masked on the left, after the end on the right: any id will do


class _Meter(BaseStreamer):
    """Counts the tokens of each step; transformers passes it the prompts first, then one row for each step."""

    def __init__(self, on_progress: OnProgress, pad: int) -> None:
        self._on_progress = on_progress
        self._pad = pad

    def put(self, value: torch.Tensor) -> None:
        if value.ndim == 1:
            self._on_progress(int((value != self._pad).sum()), 0)

    def end(self) -> None:
        pass


def _batch_seed(prompts: Sequence[Prompt]) -> int:
    digest = hashlib.sha256(",".join(str(prompt.seed) for prompt in prompts).encode("ascii")).digest()
    return int.from_bytes(digest[:8], "big") >> 1
