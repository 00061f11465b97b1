"""The prompt of a language model that copies a text with tags: the types, examples, and the window."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING

from spacy_deid import markup
from spacy_deid.errors import DeidError
from spacy_deid.llm.answer import Tags
from spacy_deid.llm.pieces import pieces_of, pieces_of_units

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_WINDOW = "\ue000"  # a private character, in the place of the window in a chat template


@dataclass(frozen=True)
class CopyPrompt:
    """The pieces before and behind a window's."""

    before: list[int] = field(repr=False)
    behind: list[int] = field(repr=False)

    def row(self, window: Sequence[int]) -> list[int]:
        """Return the pieces of the prompt for a window."""
        return [*self.before, *window, *self.behind]


def tags_of(labels: Sequence[str], tokenizer: "PreTrainedTokenizerBase") -> Tags:
    """Return the pieces of the labels' tags; raises DeidError if the tokenizer cannot tell the tags apart."""
    tags = Tags(
        tuple(tuple(_inner(f"<{label}>", tokenizer)) for label in labels),
        tuple(tuple(_inner(f"</{label}>", tokenizer)) for label in labels),
    )
    if len({*tags.opening, *tags.closing}) < 2 * len(labels):
        msg = (
            "deid.Copier.v1: the tokenizer of the language model has the same pieces for several tags. "
            "Remedy: use a model whose tokenizer encodes every character."
        )
        raise DeidError(msg)
    return tags


def prompt_of(
    descriptions: Mapping[str, str],
    examples: Sequence[str],
    tags: Tags,
    tokenizer: "PreTrainedTokenizerBase",
    *,
    chat: bool,
) -> CopyPrompt:
    """Return the prompt.

    Args:
        descriptions: Description of each label.
        examples: Texts in the inline markup of `spacy_deid.markup`.
        tags: The tags of the labels, in their order.
        tokenizer: The tokenizer of the model.
        chat: Whether the prompt is a user's turn in the tokenizer's chat template.

    Raises:
        DeidError: An example is malformed, or the tokenizer has no chat template.
    """
    words = tomllib.loads(files("spacy_deid.llm").joinpath("copier_prompt.toml").read_text("utf8"))
    types = "".join(f"\n<{label}>: {description}" for label, description in descriptions.items())
    head, tail = f"{words['instruction']}{types}{words['between']}", words["answer"]
    if chat:
        head, tail = _in_template(head, tail, tokenizer)
    elif tokenizer.bos_token is not None:
        head = f"{tokenizer.bos_token}{head}"
    source, answer, between = (_plain(words[part], tokenizer) for part in ("source", "answer", "between"))
    before = list(tokenizer(head, add_special_tokens=False)["input_ids"])
    for example in examples:
        ids, tagged = _example(example, tuple(descriptions), tags, tokenizer)
        before += [*source, *ids, *answer, *tagged, *between]
    behind = list(tokenizer(tail, add_special_tokens=False)["input_ids"])
    return CopyPrompt([*before, *source], behind)


def _in_template(head: str, tail: str, tokenizer: "PreTrainedTokenizerBase") -> tuple[str, str]:
    """Return the chat's text before the examples and behind the window."""
    if not tokenizer.chat_template:
        msg = (
            "deid.Copier.v1: chat is true, but the tokenizer of the language model has no chat template. "
            "Remedy: set chat to false, or name an instruct model."
        )
        raise DeidError(msg)
    turn = [{"role": "user", "content": f"{head}{_WINDOW}{tail.rstrip()}"}]
    chat = str(tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=True))
    before, _, behind = chat.partition(_WINDOW)
    return before, behind


def _example(
    example: str, labels: tuple[str, ...], tags: Tags, tokenizer: "PreTrainedTokenizerBase"
) -> tuple[list[int], list[int]]:
    """Return the pieces of an example, without tags and with them as the model is to write them."""
    text, spans = markup.parse(example, labels)
    note = pieces_of(text, tokenizer, literal=True)
    places = pieces_of_units(note.offsets, [(span.start, span.end) for span in spans])
    tagged: list[int] = []
    copied = 0
    for span, place in zip(spans, places, strict=True):
        column = labels.index(span.label)
        tagged += [*note.ids[copied : place.start], *tags.opening[column]]
        tagged += [*note.ids[max(copied, place.start) : place.stop], *tags.closing[column]]
        copied = place.stop
    return note.ids, [*tagged, *note.ids[copied:]]


def _plain(text: str, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def _inner(text: str, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """Return the pieces of a text within a line: some tokenizers put a space before the first word."""
    alone, line = _plain("\n", tokenizer), _plain(f"\n{text}", tokenizer)
    return line[len(alone) :] if line[: len(alone)] == alone else _plain(text, tokenizer)
