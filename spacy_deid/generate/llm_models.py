"""Models for spacy-llm's ``llm`` component: they write notes in batches and are loaded at the first prompt."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Iterable, Literal, Optional  # noqa: UP035  spacy-llm compares annotations with typing.Iterable

from spacy_llm.registry import registry

from spacy_deid.errors import DeidError
from spacy_deid.generate.causal_lm import check_adapter
from spacy_deid.generate.engines.protocol import Completion, Engine, OnProgress, Prompt, Sampling
from spacy_deid.models.resolve import resolve

if TYPE_CHECKING:
    from transformers import PretrainedConfig

DType = Literal["float32", "bfloat16", "float16"]


class NoteModel:
    """A model in spacy-llm's sense: it returns groups of completions for groups of prompts, in the same order.

    on_progress: called with the numbers of tokens sampled and notes ended since its last call; for progress bars.
    """

    def __init__(self, load: Callable[[], Engine], sampling: Sampling, directories: Callable[[], list[Path]]) -> None:
        """Store the arguments; nothing is loaded yet.

        Args:
            load: Builds the engine, at the first prompt: opening a pipeline must not cost gigabytes.
            sampling: How tokens are drawn.
            directories: Returns the directories that ``load`` reads; raises DeidError if one is absent or unfit.
        """
        self._load = load
        self._sampling = sampling
        self._engine: Engine | None = None
        self.directories = directories
        self.on_progress: OnProgress | None = None

    def __call__(self, prompts: Iterable[Iterable[Prompt]]) -> Iterable[Iterable[Completion]]:
        """Complete all prompts as one batch."""
        groups = [list(group) for group in prompts]
        if self._engine is None:
            self._engine = self._load()
        flat = [prompt for group in groups for prompt in group]
        completions = iter(self._engine.generate(flat, self._sampling, self.on_progress))
        return [[next(completions) for _ in group] for group in groups]


@registry.llm_models("deid.CausalLM.v1")
def make_causal_lm(
    name: str,
    adapter: Optional[str] = None,  # noqa: UP045
    engine: Literal["fast", "transformers"] = "fast",
    batch_size: int = 16,
    dtype: DType | Literal["auto"] = "bfloat16",
    device: str = "cpu",
    temperature: float = 1.0,
    top_p: float = 0.95,
    max_tokens: int = 1024,
) -> NoteModel:
    """Return the model ``deid.CausalLM.v1``, which samples from a causal language model in this process.

    Args:
        name: Hugging Face directory, or name in the hub's local cache.
        adapter: LoRA directory, merged into the weights.
        engine: "fast" (CPU) or "transformers" (any model, CPU or GPU).
        batch_size: Notes sampled at a time, at least 1.
        dtype: Type of the weights; "auto" is bfloat16 if the device computes in it, else float32.
        device: "cpu", "cuda" or "cuda:1".
        temperature: See `Sampling`.
        top_p: See `Sampling`.
        max_tokens: See `Sampling`.

    Raises:
        DeidError: A value is out of range. At the first prompt: the weights are absent or unfit, or have too few
            positions for ``max_tokens``.
    """
    if batch_size < 1:
        raise DeidError(f"batch_size is {batch_size}; it must be at least 1.")
    sampling = Sampling(temperature, top_p, max_tokens)

    def load() -> Engine:
        from spacy_deid.generate.causal_lm import choose_dtype, load_causal_lm

        model, tokenizer = load_causal_lm(name, adapter, dtype=choose_dtype(dtype, device), device=device)
        _require_room(model.config, max_tokens)
        if engine == "fast":
            from spacy_deid.generate.engines.fast import FastEngine

            return FastEngine(model, tokenizer, batch_size)
        from spacy_deid.generate.engines.transformers import TransformersEngine

        return TransformersEngine(model, tokenizer, batch_size)

    return NoteModel(load, sampling, directories_of(name, adapter))


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
    """Return the model ``deid.VLLM.v1``, which samples from a causal language model with vLLM on a GPU.

    Args:
        name: Hugging Face directory, or name in the hub's local cache.
        adapter: LoRA directory.
        dtype: Type of the weights.
        memory: The share of the GPU's memory that vLLM may take, above 0 and at most 1.
        temperature: See `Sampling`.
        top_p: See `Sampling`.
        max_tokens: See `Sampling`.

    Raises:
        DeidError: As `make_causal_lm`.
    """
    if not 0 < memory <= 1:
        raise DeidError(f"memory is {memory}; it must be above 0 and at most 1 (a share of the GPU's memory).")

    def load() -> Engine:
        from spacy_deid.generate.engines.vllm import VLLMEngine

        return VLLMEngine(name, adapter, dtype=dtype, memory=memory)

    return NoteModel(load, Sampling(temperature, top_p, max_tokens), directories_of(name, adapter))


def _require_room(config: "PretrainedConfig", max_tokens: int) -> None:
    positions = getattr(config, "max_position_embeddings", None)
    if positions is not None and max_tokens >= positions:
        raise DeidError(
            f"max_tokens is {max_tokens}, but the language model has {positions} positions for prompt and note "
            f"together. Remedy: set max_tokens below {positions} less the length of the prompts, or use another model."
        )


def directories_of(name: str, adapter: str | None) -> Callable[[], list[Path]]:
    """Return a function that checks the directories of a model and its adapter, and returns them."""

    def directories() -> list[Path]:
        base = Path(resolve(name))
        if adapter is None:
            return [base]
        check_adapter(Path(adapter), base)
        return [base, Path(adapter)]

    return directories
