"""The protocol of engines, which sample continuations from a causal language model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from spacy_deid.errors import DeidError

OnProgress = Callable[[int, int], None]
"""Called now and then with the numbers of tokens sampled and notes ended since its last call."""


@dataclass(frozen=True)
class Sampling:
    """The settings by which the next token is drawn; the same for all prompts of a call.

    temperature: divides the logits, > 0; 1 samples from the model's own distribution.
    top_p: nucleus, in (0, 1]: the smallest set of tokens whose probabilities add up to it is kept.
    max_tokens: most tokens of one continuation, >= 1.

    Raises DeidError on a value out of its range.
    """

    temperature: float = 1.0
    top_p: float = 0.95
    max_tokens: int = 1024

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise DeidError(f"temperature is {self.temperature}; it must be above 0 (1 samples the model as it is).")
        if not 0 < self.top_p <= 1:
            raise DeidError(f"top_p is {self.top_p}; it must be above 0 and at most 1 (1 keeps every token).")
        if self.max_tokens < 1:
            raise DeidError(f"max_tokens is {self.max_tokens}; it must be at least 1.")


@dataclass(frozen=True)
class Prompt:
    """One sample to draw. Its repr does not show the text, because reprs end up in logs.

    text: beginning of the note; empty if the model is to begin it.
    seed: seed of this sample.
    """

    text: str = field(repr=False)
    seed: int


@dataclass(frozen=True)
class Completion:
    """One sample. Its repr does not show the text, because reprs end up in logs.

    text: the continuation, without the prompt and without special tokens.
    finished: whether the model ended the note itself; otherwise max_tokens truncated it.
    tokens: number of tokens sampled, including the end token.
    """

    text: str = field(repr=False)
    finished: bool
    tokens: int


class Engine(Protocol):
    """Samples continuations. The same prompts, seeds, batch size and machine give the same texts."""

    def generate(
        self, prompts: Sequence[Prompt], sampling: Sampling, on_progress: OnProgress | None = None
    ) -> list[Completion]:
        """Return one completion for each prompt, in the order of the prompts."""
        ...
