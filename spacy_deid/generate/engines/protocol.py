"""What every engine that samples continuations from a causal LM offers, whatever does the arithmetic."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from spacy_deid.errors import DeidError

OnProgress = Callable[[int, int], None]
"""Told, every so often, how many tokens were sampled and how many notes ended since it was last told."""


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn; the same for all prompts of a call.

    temperature: divides the logits, > 0; 1 samples from the model as it is.
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
    """One sample to draw. The text never shows in a repr, since reprs end up in logs.

    text: what to continue; empty when the model is to begin a note.
    seed: of this sample's randomness.
    """

    text: str = field(repr=False)
    seed: int


@dataclass(frozen=True)
class Completion:
    """One sample drawn. The text never shows in a repr, since reprs end up in logs.

    text: the continuation alone, without the prompt and without special tokens.
    finished: the model ended the note itself; otherwise max_tokens cut it.
    tokens: how many tokens were sampled, the end token among them.
    """

    text: str = field(repr=False)
    finished: bool
    tokens: int


class Engine(Protocol):
    """Samples continuations. Same prompts, seeds, batch size and machine: same texts."""

    def generate(
        self, prompts: Sequence[Prompt], sampling: Sampling, on_progress: OnProgress | None = None
    ) -> list[Completion]:
        """Return one completion a prompt, in the order of the prompts."""
        ...
