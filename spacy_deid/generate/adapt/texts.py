"""The texts that a model is adapted to, as tokens."""

from pathlib import Path
from typing import TYPE_CHECKING

from spacy.vocab import Vocab

from spacy_deid.corpus.formats.docbin import read_docs
from spacy_deid.errors import DeidError
from spacy_deid.generate.modes import Mode, text_of

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def read_texts(path: Path, mode: Mode = "prefix", lang: str = "") -> list[str]:
    """Return a corpus file's notes as `modes.text_of` gives them, in order, without the empty ones.

    Raises DeidError when the file is absent, is no DocBin or holds no text, and for notes without annotation in the
    modes that need it.
    """
    texts = [text_of(doc, mode, lang) for doc in read_docs(path, Vocab()) if doc.text.strip()]
    if not texts:
        raise DeidError(f"{path} holds no text. Remedy: give a corpus with at least one note that is not empty.")
    return texts


def tokenize(texts: list[str], tokenizer: "PreTrainedTokenizerBase") -> list[list[int]]:
    """Return each text's token ids, with the tokenizer's own start token where it has one and its end token.

    The end token teaches the model where notes stop. Raises DeidError when the tokenizer has none.
    """
    end = tokenizer.eos_token_id
    if end is None:
        msg = "The model's tokenizer has no end token. Remedy: set eos_token in tokenizer_config.json."
        raise DeidError(msg)
    encoded = tokenizer(texts, verbose=False)["input_ids"]  # verbose warns of long texts, which packing handles
    return [ids if ids[-1:] == [end] else [*ids, end] for ids in encoded]
