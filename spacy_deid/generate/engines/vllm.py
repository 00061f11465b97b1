"""Sampling with vLLM (https://docs.vllm.ai), for GPUs, with the extra ``vllm``."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import srsly

from spacy_deid.generate.engines.protocol import Completion, OnProgress, Prompt, Sampling
from spacy_deid.generate.engines.sampling import completion, end_ids, prompt_ids
from spacy_deid.models.resolve import resolve


class VLLMEngine:
    """vLLM's continuous batching; each sample has its own seed.

    model: Hugging Face directory or name. adapter: LoRA directory, which is merged into the weights, because sampling
    with an unmerged one can take twice as long. dtype: "bfloat16", "float16" or "float32". memory: share of the GPU's
    memory that vLLM may take, in (0, 1].
    """

    def __init__(self, model: str, adapter: str | None, *, dtype: str, memory: float) -> None:
        for switch in ("VLLM_NO_USAGE_STATS", "VLLM_DO_NOT_TRACK"):
            os.environ[switch] = "1"  # otherwise vLLM reports its use over the network
        from vllm import LLM

        directory = resolve(model)
        with _merged(directory, adapter, dtype) as weights:
            self._llm = LLM(
                model=weights,
                dtype=dtype,
                gpu_memory_utilization=memory,
                generation_config="vllm",  # leave the model's own sampling defaults out
                trust_remote_code=False,
            )
        self._tokenizer = self._llm.get_tokenizer()
        self._ends = end_ids(_generation_config(directory).get("eos_token_id"), self._tokenizer.eos_token_id)

    def generate(
        self, prompts: Sequence[Prompt], sampling: Sampling, on_progress: OnProgress | None = None
    ) -> list[Completion]:
        """Return one completion for each prompt, in their order; ``on_progress`` is called once, at the end."""
        from vllm import SamplingParams

        encoded = [prompt_ids(self._tokenizer, prompt.text) for prompt in prompts]
        params = [
            SamplingParams(
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                max_tokens=sampling.max_tokens,
                seed=prompt.seed,
                stop_token_ids=sorted(self._ends),
            )
            for prompt in prompts
        ]
        requests = [{"prompt_token_ids": ids} for ids in encoded]
        outputs = self._llm.generate(requests, params, use_tqdm=False)
        done = [
            completion(self._tokenizer, ids, output.outputs[0].token_ids, self._ends)
            for ids, output in zip(encoded, outputs, strict=True)
        ]
        if on_progress:
            on_progress(sum(one.tokens for one in done), len(done))
        return done


def _generation_config(directory: str) -> dict[str, Any]:
    path = Path(directory) / "generation_config.json"
    config: dict[str, Any] = srsly.read_json(path) if path.is_file() else {}
    return config


@contextmanager
def _merged(directory: str, adapter: str | None, dtype: str) -> Iterator[str]:
    """Yield the directory of the weights: the model's own, or a temporary private copy with the adapter merged in."""
    if adapter is None:
        yield directory
        return
    import torch

    from spacy_deid.generate.causal_lm import load_causal_lm

    merged, tokenizer = load_causal_lm(directory, adapter, dtype=getattr(torch, dtype), device="cpu")
    with TemporaryDirectory(prefix="spacy-deid-") as folder:  # readable by its owner alone
        merged.save_pretrained(Path(folder), safe_serialization=True)
        tokenizer.save_pretrained(Path(folder))
        del merged
        yield folder
