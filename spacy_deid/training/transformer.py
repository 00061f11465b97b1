"""Functions of the configs of transformer annotators: windows, a check of them, and an embedding layer.

spacy-transformers truncates a window that is longer than its tokenizer allows, and loads mismatched weights with a
warning. Here, windows are too short to be truncated, and a token without a vector or a mismatch of weights is an error.
"""

import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from spacy.tokens import Doc, Span
from thinc.api import Maxout, Model, chain, concatenate, with_array
from thinc.types import Floats2d

from spacy_deid.errors import DeidError

if TYPE_CHECKING:
    from spacy_transformers.data_classes import FullTransformerBatch

Embedding = Model[list[Doc], list[Floats2d]]


def make_overlapping_windows(max_characters: int, overlap: int) -> Callable[[Iterable[Doc]], list[list[Span]]]:
    """Return the span getter ``deid.OverlappingWindows.v1``: it covers each Doc with windows of whole tokens.

    A wordpiece has at least one character. If ``max_characters`` is 2 (for the two special tokens) below the encoder's
    maximum, nothing is ever truncated. A single longer token is a window of its own.

    Args:
        max_characters: Most characters of a window, without white space, at least 1.
        overlap: Number of tokens that a window shares with the next one, at least 0, so that a token at a boundary has
            context on both sides.

    Raises:
        DeidError: A setting is out of range.
    """
    _refuse_partial_weights()
    if max_characters < 1 or overlap < 0:
        raise DeidError(
            f"Windows need max_characters >= 1 and overlap >= 0, not {max_characters} and {overlap}. "
            "Remedy: for an encoder of 512 positions use 500 and 16."
        )

    def windows_of(doc: Doc) -> list[Span]:
        spans = []
        start = 0
        while start < len(doc):
            end = _window_end(doc, start, max_characters)
            spans.append(doc[start:end])
            start = end if end == len(doc) else max(end - overlap, start + 1)
        return spans

    return lambda docs: [windows_of(doc) for doc in docs]


def _refuse_partial_weights() -> None:
    """Turn a warning of spacy-transformers into an error: it would load with strict=False and leave layers random."""
    warnings.filterwarnings("error", message="Error loading saved torch state_dict with strict=True")


def _window_end(doc: Doc, start: int, max_characters: int) -> int:
    characters = 0
    for index in range(start, len(doc)):
        characters += 0 if doc[index].is_space else len(doc[index])
        if characters > max_characters and index > start:
            return index
    return len(doc)


def require_every_token_embedded(docs: Iterable[Doc], batch: "FullTransformerBatch") -> None:
    """Raise DeidError if a token other than white space has no wordpiece, and therefore no vector of its own."""
    # the alignment has one entry for each token, in order: a token in two windows has the pieces of both
    tokens = (token for doc in docs for token in doc)
    for token, pieces in zip(tokens, batch.align.lengths, strict=True):
        if not pieces and not token.is_space and not _is_invisible(token.text):
            raise DeidError(
                f"A token of {len(token)} characters at character {token.idx} got no vector: the encoder's tokenizer "
                "dropped it. Remedy: lower max_characters, or use an encoder with byte or character pieces."
            )


def _is_invisible(text: str) -> bool:
    """Whether normalisation may remove all of a text: zero-width, combining and control characters."""
    return not any(character.isprintable() and character.isalnum() for character in text)


def make_every_token_embedded() -> Callable[[Iterable[Doc], "FullTransformerBatch"], None]:
    """Return the check, as the annotation setter ``deid.EveryTokenEmbedded.v1``."""
    _refuse_partial_weights()
    return require_every_token_embedded


def make_form_and_context(width: int, form: Embedding, context: Embedding) -> Embedding:
    """Return the architecture ``deid.FormAndContext.v1``: two embeddings of each token, mixed.

    Identifiers differ in form (H.C.: 150679) as much as in context. A small encoder, whose pieces hide the form, cannot
    learn them from context alone in a few hundred steps. The architecture is for ``embed`` in spacy.Tok2Vec.v2.

    Args:
        width: Width of the mixture.
        form: Embedding of a word's form, such as spacy.MultiHashEmbed.v2.
        context: Embedding of its context: a listener to a transformer.
    """
    mix: Model[Floats2d, Floats2d] = Maxout(nO=width, nP=3, dropout=0.0, normalize=True)
    model: Embedding = chain(concatenate(form, context), with_array(mix))
    model.set_dim("nO", width)
    return model
