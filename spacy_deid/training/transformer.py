"""Functions that the configs of transformer annotators name: windows, a check of them, and an embedding layer.

spacy-transformers cuts a window that is longer than its tokenizer allows, and loads weights that do not match with a
warning. Here windows are too short to be cut, a token without a vector is an error, and so is a mismatch of weights.
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

    A wordpiece holds at least one character. So with ``max_characters`` 2 less than the encoder's maximum (its two
    special tokens) nothing is ever cut. A single token longer than that is a window of its own.

    Args:
        max_characters: Most characters of a window, white space left out, from 1.
        overlap: Tokens that a window shares with the next one, from 0, so that a token at a border is seen with its
            context.

    Raises:
        DeidError: A setting is out of range.
    """
    _refuse_partial_weights()
    if max_characters < 1 or overlap < 0:
        raise DeidError(
            f"Windows need max_characters >= 1 and overlap >= 0, not {max_characters} and {overlap}. "
            "For an encoder of 512 positions use 500 and 16."
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
    """Make a warning of spacy-transformers an error: it would go on with strict=False, and layers would stay random."""
    warnings.filterwarnings("error", message="Error loading saved torch state_dict with strict=True")


def _window_end(doc: Doc, start: int, max_characters: int) -> int:
    characters = 0
    for index in range(start, len(doc)):
        characters += 0 if doc[index].is_space else len(doc[index])
        if characters > max_characters and index > start:
            return index
    return len(doc)


def require_every_token_embedded(docs: Iterable[Doc], batch: "FullTransformerBatch") -> None:
    """Raise DeidError when a token other than white space got no wordpiece, and so no vector of its own."""
    # the alignment has one entry a token, in order: a token in two windows has the pieces of both
    tokens = (token for doc in docs for token in doc)
    for token, pieces in zip(tokens, batch.align.lengths, strict=True):
        if not pieces and not token.is_space and not _is_invisible(token.text):
            raise DeidError(
                f"A token of {len(token)} characters at character {token.idx} got no vector: the encoder's tokenizer "
                "dropped it. Lower max_characters of the windows, or use an encoder with byte or character pieces."
            )


def _is_invisible(text: str) -> bool:
    """Whether normalisation may leave nothing of a text: zero-width, combining and control characters."""
    return not any(character.isprintable() and character.isalnum() for character in text)


def make_every_token_embedded() -> Callable[[Iterable[Doc], "FullTransformerBatch"], None]:
    """Return the check, as the annotation setter ``deid.EveryTokenEmbedded.v1``."""
    _refuse_partial_weights()
    return require_every_token_embedded


def make_form_and_context(width: int, form: Embedding, context: Embedding) -> Embedding:
    """Return the architecture ``deid.FormAndContext.v1``: two embeddings of each token, mixed.

    Identifiers differ in form (H.C.: 150679) as much as in context. A small encoder whose pieces hide the form, and a
    few hundred steps, are too little to learn that from context alone. For the place of ``embed`` in spacy.Tok2Vec.v2.

    Args:
        width: Width of the mixture.
        form: Embedding of a word's form, such as spacy.MultiHashEmbed.v2.
        context: Embedding of its context: a listener to a transformer.
    """
    mix: Model[Floats2d, Floats2d] = Maxout(nO=width, nP=3, dropout=0.0, normalize=True)
    model: Embedding = chain(concatenate(form, context), with_array(mix))
    model.set_dim("nO", width)
    return model
