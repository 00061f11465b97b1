"""The Copier: any local causal language model copies a note with tags round the identifiers, and can write no else."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from spacy_llm.registry import registry

from spacy_deid.errors import DeidError
from spacy_deid.generate.llm_models import directories_of
from spacy_deid.llm.answer import Marks, Source, Tags
from spacy_deid.llm.copies import source_of, spans_of_marks, whole_note
from spacy_deid.llm.decide import ScoredSpan
from spacy_deid.llm.passages import Find, Passage, PassageModel
from spacy_deid.llm.pieces import Pieces, pieces_of
from spacy_deid.llm.prompt import CopyPrompt, prompt_of, tags_of
from spacy_deid.llm.windows import Window, cut

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LONGEST_WINDOW = 240  # pieces; a copy of a longer one strays
OVERLAP = 40
DRAFT = 24  # pieces of the source that are checked in one pass
_LABEL = re.compile(r"[A-Za-z][\w-]*")


@dataclass(frozen=True)
class _Note:
    """A note, its pieces and windows, and what the answers need to know of the pieces."""

    passage: Passage
    pieces: Pieces
    source: Source
    windows: list[Window]


class NoteCopier:
    """Copies notes in windows, many at a time."""

    def __init__(
        self,
        network: "PreTrainedModel",
        tokenizer: "PreTrainedTokenizerBase",
        descriptions: Mapping[str, str],
        examples: Sequence[str] = (),
        *,
        chat: bool = False,
        bias: float = 0.0,
        batch_size: int = 8,
        draft: int = DRAFT,
    ) -> None:
        """Make the prompt.

        Args:
            network: The language model.
            tokenizer: Its tokenizer.
            descriptions: Description of each label.
            examples: Texts in inline markup.
            chat: Whether the prompt is a turn in the tokenizer's chat template.
            bias: Nats in favour of an opening tag.
            batch_size: Windows that are copied at a time, at least 1.
            draft: Pieces that are checked in one pass; 0: step by step.

        Raises:
            DeidError: An example is malformed, the tokenizer has no chat template or cannot tell the tags apart, or the
                model's context is too short.
        """
        self._network = network
        self._tokenizer = tokenizer
        self._labels = tuple(descriptions)
        self._tags = tags_of(self._labels, tokenizer)
        self._prompt = prompt_of(descriptions, examples, self._tags, tokenizer, chat=chat)
        self._longest = _longest_window(network, self._prompt, self._tags)
        self._bias = bias
        self._batch_size = batch_size
        self._draft = draft

    def read(self, passages: Sequence[Passage]) -> list[list[ScoredSpan]]:
        """Return the identifiers of each note, in order."""
        notes = [self._note(passage) for passage in passages]
        windows = [(note, window) for note in notes for window in note.windows if len(note.pieces)]
        copies = self._copies([note.source.window(*window) for note, window in windows])
        marks = {(id(note), window): own for (note, window), own in zip(windows, copies, strict=True)}
        return [
            spans_of_marks(
                note.passage.text,
                note.pieces.offsets,
                whole_note(note.windows, [marks.get((id(note), window), Marks.none(0)) for window in note.windows]),
                self._labels,
            )
            for note in notes
        ]

    def _note(self, passage: Passage) -> _Note:
        pieces = pieces_of(passage.text, self._tokenizer, literal=True)
        windows = cut(passage.text, pieces.offsets, self._longest, OVERLAP)
        return _Note(passage, pieces, source_of(passage, pieces), windows)

    def _copies(self, sources: list[Source]) -> list[Marks]:
        from spacy_deid.llm.lockstep import copied

        order = sorted(range(len(sources)), key=lambda number: len(sources[number].ids), reverse=True)
        marks: dict[int, Marks] = {}
        for batch in _batches(order, self._batch_size):
            own = [sources[number] for number in batch]
            prompts = [self._prompt.row(source.ids) for source in own]
            marks |= zip(
                batch,
                copied(self._network, prompts, own, self._tags, bias=self._bias, draft=self._draft),
                strict=True,
            )
        return [marks[number] for number in range(len(sources))]


def _batches(order: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(order), size):
        yield order[start : start + size]


def _longest_window(network: "PreTrainedModel", prompt: CopyPrompt, tags: Tags) -> int:
    """Return the pieces of the longest window that the model can copy even if each of them gets a tag of its own.

    Raises DeidError if that is too short to overlap with the next.
    """
    context = getattr(network.config, "max_position_embeddings", None)
    if context is None:
        return LONGEST_WINDOW
    room = context - len(prompt.row([]))
    longest = min(LONGEST_WINDOW, room // (2 + tags.longest()))
    if longest <= 2 * OVERLAP:
        needed = len(prompt.row([])) + (2 * OVERLAP + 1) * (2 + tags.longest())
        raise DeidError(
            f"deid.Copier.v1: the language model reads {context} pieces, and this prompt with a window needs {needed}. "
            "Remedy: give fewer or shorter examples and descriptions, or use a model with a longer context."
        )
    return longest


@registry.llm_models("deid.Copier.v1")
def make_copier(
    name: str,
    labels: dict[str, str],
    adapter: str | None = None,
    examples: list[str] | None = None,
    chat: bool = False,
    dtype: Literal["float32", "bfloat16", "float16", "auto"] = "auto",
    device: str = "cpu",
    batch_size: int = 8,
    bias: float = 0.0,
) -> PassageModel:
    """Return the model ``deid.Copier.v1``.

    Args:
        name: Hugging Face directory of a causal language model, or its name in the hub's local cache.
        labels: Description of each label, in words.
        adapter: Directory that `deid adapt` made; None: the model as it is.
        examples: Texts with their identifiers in the inline markup of `spacy_deid.markup`; none: zero-shot.
        chat: Whether the prompt is a turn in the chat template of an instruct model.
        dtype: Type of the weights; "auto" is bfloat16 if the device computes in it, else float32.
        device: "cpu", "cuda" or "cuda:1".
        batch_size: Windows that are copied at a time, at least 1.
        bias: The dial: nats in favour of an opening tag. Above 0 more is found, and more is redacted for nothing.

    Raises:
        DeidError: A value is out of range, or a label has no description of its own. At the first note: model or
            adapter is absent or unfit, or an example is malformed.
    """
    if batch_size < 1:
        raise DeidError(f"deid.Copier.v1: batch_size is {batch_size}; it must be at least 1.")
    if not math.isfinite(bias):
        raise DeidError(f"deid.Copier.v1: bias is {bias}; it must be a finite number.")
    check_descriptions(labels)

    def load() -> Find:
        from spacy_deid.generate.causal_lm import choose_dtype, load_causal_lm

        network, tokenizer = load_causal_lm(name, adapter, dtype=choose_dtype(dtype, device), device=device)
        copier = NoteCopier(network, tokenizer, labels, examples or (), chat=chat, bias=bias, batch_size=batch_size)
        return copier.read

    return PassageModel(load, directories_of(name, adapter))


def check_descriptions(labels: Mapping[str, str]) -> None:
    """Raise DeidError unless each label can be a tag and has a description that no other label has."""
    if not labels:
        msg = "deid.Copier.v1: labels is empty. Remedy: give each label and its description."
        raise DeidError(msg)
    described: dict[str, str] = {}
    for label, description in labels.items():
        if not _LABEL.fullmatch(label):
            raise DeidError(
                f"deid.Copier.v1: {label!r} cannot be a tag. Remedy: use letters, digits, '_' and '-', a letter first."
            )
        words = " ".join(description.split()).casefold()
        if not words:
            raise DeidError(f"deid.Copier.v1: the label {label} has no description. Remedy: describe it in words.")
        if words in described:
            raise DeidError(
                f"deid.Copier.v1: the labels {described[words]} and {label} have the same description, so that the "
                "language model cannot tell them apart. Remedy: describe the difference, or use one label."
            )
        described[words] = label
