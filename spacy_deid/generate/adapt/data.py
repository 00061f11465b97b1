"""The notes that a model is adapted to: reading, generating from templates, tokenizing, and packing into blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from spacy.vocab import Vocab

from spacy_deid.corpus.formats.docbin import read_docs
from spacy_deid.corpus.templates.run import inputs, template_docs
from spacy_deid.corpus.templates.settings import NoiseRates, TemplateCorpus
from spacy_deid.errors import DeidError
from spacy_deid.generate.adapt.settings import Corpus
from spacy_deid.generate.modes import Mode, text_of

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# without noise: the model is to learn the style of the training notes
_NO_NOISE = NoiseRates.model_validate({field: 1.0 if field == "clean" else 0.0 for field in NoiseRates.model_fields})
IGNORED = -100  # a target without loss, as in torch and transformers


def read_texts(path: Path, mode: Mode = "prefix", lang: str = "") -> list[str]:
    """Return the notes of a corpus file in the form of `modes.text_of`, in order, without empty ones.

    Args:
        path: Corpus file.
        mode: See `modes.text_of`.
        lang: Code of the language, for the mode "slots".

    Raises:
        DeidError: The file is absent, not a DocBin or without text, or a note lacks the annotation that the mode needs.
    """
    texts = [text_of(doc, mode, lang) for doc in read_docs(path, Vocab()) if doc.text.strip()]
    if not texts:
        raise DeidError(f"{path} holds no text. Remedy: give a corpus with at least one note that is not empty.")
    return texts


def tokenize(texts: list[str], tokenizer: "PreTrainedTokenizerBase") -> list[list[int]]:
    """Return the token ids of each text, with the tokenizer's start token if it has one, and its end token.

    From the end token, the model learns where notes stop. Raises DeidError if the tokenizer has no end token.
    """
    end = tokenizer.eos_token_id
    if end is None:
        msg = "The model's tokenizer has no end token. Remedy: set eos_token in tokenizer_config.json."
        raise DeidError(msg)
    encoded = tokenizer(texts, verbose=False)["input_ids"]  # verbose warns of long texts, which packing handles
    return [ids if ids[-1:] == [end] else [*ids, end] for ids in encoded]


def public_texts(corpus: Corpus, seed: int) -> list[str]:
    """Return ``corpus.public`` template-generated notes in the form of `modes.text_of`.

    Raises DeidError if no language is named or it has no templates.
    """
    if not corpus.public:
        return []
    docs, _ = template_docs(_recipe(corpus, seed), quiet=True)
    return [text_of(doc, corpus.text_mode, corpus.lang) for doc in docs["train"]]


def public_sources(corpus: Corpus, seed: int) -> dict[str, object]:
    """Return everything that the public notes depend on, for a fingerprint; empty if there are none."""
    return inputs(_recipe(corpus, seed)) if corpus.public else {}


def _recipe(corpus: Corpus, seed: int) -> TemplateCorpus:
    if not corpus.lang:
        raise DeidError(
            f"corpus.public is {corpus.public}, and corpus.lang is empty. Remedy: set corpus.lang to their language."
        )
    return TemplateCorpus(
        lang=corpus.lang,
        notes=corpus.public,
        seed=seed,
        templates=None,
        held_out=0.0,
        composed=0.6,  # longer than a template, as clinical notes are
        without_identifiers=0.0,
        other_words=0.0,
        repeats=12,
        quotas={},
        noise=_NO_NOISE,
    )


@dataclass(frozen=True)
class Blocks:
    """Input tokens and the token that follows each (its target), both of shape (blocks, block size)."""

    inputs: NDArray[np.int64]
    targets: NDArray[np.int64]

    @property
    def predicted(self) -> int:
        """The number of tokens that are a target."""
        return int((self.targets != IGNORED).sum())

    @property
    def padding_share(self) -> float:
        """The share of positions without a target, 0 to 1."""
        return 1 - self.predicted / self.targets.size


def pack(documents: Sequence[Sequence[int]], block_size: int, padding: int) -> Blocks:
    """Concatenate the documents and cut the stream into blocks.

    A document may extend over several blocks. Every token but the very first is a target exactly once: the target of a
    block's last position is the first token of the next block. Only the last block is padded.

    Args:
        documents: Token ids of each document.
        block_size: Tokens in each block, at least 1.
        padding: Id that fills the last block; its targets are ignored.
    """
    stream = np.fromiter(chain.from_iterable(documents), dtype=np.int64)
    inputs, targets = stream[:-1], stream[1:]
    shape = (-1, block_size)
    missing = -len(inputs) % block_size
    return Blocks(
        inputs=np.pad(inputs, (0, missing), constant_values=padding).reshape(shape),
        targets=np.pad(targets, (0, missing), constant_values=IGNORED).reshape(shape),
    )
