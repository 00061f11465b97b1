"""Notes for language models that find identifiers, and the part that such models have in common."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable, TypeAlias  # noqa: UP035  spacy-llm compares annotations with typing.Iterable

from spacy.tokens import Doc

from spacy_deid.llm.decide import ScoredSpan, Unit


@dataclass(frozen=True)
class Passage:
    """A note for a tagger: its text and its units. Its repr does not show the text, because reprs end up in logs."""

    text: str = field(repr=False)
    units: tuple[Unit, ...] = field(repr=False)


def passage_of(doc: Doc) -> Passage:
    """Return a Doc's text, and as units its tokens that are not white space."""
    return Passage(doc.text, tuple(_units_of(doc)))


def _units_of(doc: Doc) -> Iterable[Unit]:
    begins_line = True
    for token in doc:
        if token.is_space:
            begins_line = begins_line or "\n" in token.text or "\r" in token.text
            continue
        yield Unit(token.idx, token.idx + len(token), begins_line)
        begins_line = False


Find: TypeAlias = Callable[[Sequence[Passage]], list[list[ScoredSpan]]]
"""Returns the identifiers of each passage, in order."""


class PassageModel:
    """A model in spacy-llm's sense: it returns the identifiers of groups of passages, in the same order.

    directories: returns the directories that the model is read from; raises DeidError if one is absent or unfit.
    """

    def __init__(self, load: Callable[[], Find], directories: Callable[[], list[Path]]) -> None:
        """Store the arguments; nothing is loaded yet.

        Args:
            load: Opens the model, at the first passage: opening a pipeline must not cost gigabytes.
            directories: See the class.
        """
        self._load = load
        self._find: Find | None = None
        self._lock = threading.Lock()
        self.directories = directories

    @property
    def find(self) -> Find:
        """The loaded model."""
        with self._lock:
            if self._find is None:
                self._find = self._load()
            return self._find

    def __call__(self, prompts: Iterable[Iterable[Passage]]) -> Iterable[Iterable[list[ScoredSpan]]]:
        """Read all passages as one batch."""
        groups = [list(group) for group in prompts]
        found = iter(self.find([passage for group in groups for passage in group]))
        return [[next(found) for _ in group] for group in groups]
