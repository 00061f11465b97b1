"""Models for spacy-llm's ``llm`` component that write notes: batched, and loaded at the first prompt."""

from collections.abc import Callable
from pathlib import Path
from typing import Iterable, Literal, Optional  # noqa: UP035  spacy-llm compares annotations with typing.Iterable

from spacy_llm.registry import registry

from spacy_deid.errors import DeidError
from spacy_deid.generate.engines.protocol import Completion, Engine, OnTokens, Prompt, Sampling

DType = Literal["float32", "bfloat16", "float16"]


class NoteModel:
    """What spacy-llm calls a model: groups of prompts in, groups of completions out, in the same order.

    on_tokens: told how many tokens were sampled since it was last told; for progress bars.
    """

    def __init__(self, load: Callable[[], Engine], sampling: Sampling, weights: tuple[str, ...]) -> None:
        """Keep what is needed to begin.

        load: builds the engine, at the first prompt: opening a pipeline must not cost gigabytes.
        weights: the model and adapter that ``load`` reads; directories, or names known to a hub's cache.
        """
        self._load = load
        self._sampling = sampling
        self._engine: Engine | None = None
        self.weights = weights
        self.on_tokens: OnTokens | None = None

    def __call__(self, prompts: Iterable[Iterable[Prompt]]) -> Iterable[Iterable[Completion]]:
        """Complete all prompts as one batch."""
        groups = [list(group) for group in prompts]
        if self._engine is None:
            self._engine = self._load()
        flat = [prompt for group in groups for prompt in group]
        completions = iter(self._engine.generate(flat, self._sampling, self.on_tokens))
        return [[next(completions) for _ in group] for group in groups]


@registry.llm_models("deid.CausalLM.v1")
def make_causal_lm(
    name: str,
    adapter: Optional[str] = None,  # noqa: UP045
    engine: Literal["fast", "transformers"] = "fast",
    batch_size: int = 16,
    dtype: DType = "bfloat16",
    device: str = "cpu",
    temperature: float = 1.0,
    top_p: float = 0.95,
    max_tokens: int = 1024,
) -> NoteModel:
    """Sample from a causal LM in this process.

    name: Hugging Face directory, or name in the hub's local cache. adapter: LoRA directory, merged in.
    engine: "fast" (CPU) or "transformers" (any model, CPU or GPU). batch_size: notes sampled at a time.
    dtype: of the weights; device: "cpu", "cuda", "cuda:1". The rest: see Sampling.

    Raises DeidError for values out of range and for directories that aren't there.
    """
    if batch_size < 1:
        raise DeidError(f"batch_size is {batch_size}; it must be at least 1.")

    def load() -> Engine:
        import torch

        from spacy_deid.generate.causal_lm import load_causal_lm

        model, tokenizer = load_causal_lm(name, adapter, dtype=getattr(torch, dtype), device=device)
        if engine == "fast":
            from spacy_deid.generate.engines.fast import FastEngine

            return FastEngine(model, tokenizer, batch_size)
        from spacy_deid.generate.engines.transformers import TransformersEngine

        return TransformersEngine(model, tokenizer, batch_size)

    return NoteModel(load, Sampling(temperature, top_p, max_tokens), _weights(name, adapter))


@registry.llm_models("deid.VLLM.v1")
def make_vllm(
    name: str,
    adapter: Optional[str] = None,  # noqa: UP045
    dtype: DType = "bfloat16",
    memory: float = 0.9,
    temperature: float = 1.0,
    top_p: float = 0.95,
    max_tokens: int = 1024,
) -> NoteModel:
    """Sample from a causal LM with vLLM on a GPU; ``memory``: the share of the GPU's memory it may take.

    The other arguments and the errors are those of deid.CausalLM.v1.
    """
    if not 0 < memory <= 1:
        raise DeidError(
            f"memory is {memory}; it must be above 0 and at most 1 (a share of the GPU's memory)."
        )

    def load() -> Engine:
        from spacy_deid.generate.engines.vllm import VLLMEngine

        return VLLMEngine(name, adapter, dtype=dtype, memory=memory)

    return NoteModel(load, Sampling(temperature, top_p, max_tokens), _weights(name, adapter))


def _weights(name: str, adapter: str | None) -> tuple[str, ...]:
    if not name:
        message = "No language model is named. Remedy: set paths.model to a Hugging Face directory."
        raise DeidError(message)
    if adapter is not None and not Path(adapter).is_dir():
        raise DeidError(
            f"The adapter {adapter!r} is not a directory. "
            "Remedy: run `deid adapt` first, or set paths.adapter to null for the model as it is."
        )
    return (name,) if adapter is None else (name, adapter)
