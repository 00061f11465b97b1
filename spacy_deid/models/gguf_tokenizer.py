"""The correct tokenizer of a Gemma GGUF file.

transformers 4.53 reads it, without a warning, as a Unigram model over BPE ranks, which splits words wrongly. The pieces
of the file belong to a SentencePiece BPE, whose merges are rebuilt from pieces and scores.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spacy_deid.errors import DeidError
from spacy_deid.models.vocabulary import SPACE

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# kinds of pieces in GGUF files (llama.cpp's token types)
NORMAL, CONTROL, USER_DEFINED, BYTE = 1, 3, 4, 6
PAD, EOS, BOS, UNK = "<pad>", "<eos>", "<bos>", "<unk>"
PROBE = ("The patient was admitted", ["The", "▁patient", "▁was", "▁admitted"])


class Pieces(NamedTuple):
    """The vocabulary of a GGUF file: parallel lists, whose index is the piece's id."""

    texts: Sequence[str]
    scores: Sequence[float]
    kinds: Sequence[int]


def read_pieces(path: Path) -> Pieces:
    """Read the vocabulary of a GGUF file; DeidError if the file holds no SentencePiece vocabulary."""
    from gguf import GGUFReader

    fields = GGUFReader(path).fields
    names = [f"tokenizer.ggml.{name}" for name in ("tokens", "scores", "token_type")]
    missing = [name for name in names if name not in fields]
    if missing:
        msg = f"{path} lacks {', '.join(missing)}: not a GGUF file of a Gemma model. Remedy: name one."
        raise DeidError(msg)
    return Pieces(*(fields[name].contents() for name in names))


def rebuild_merges(pieces: Pieces) -> list[tuple[str, str]]:
    """Return the BPE merges in the order of their application.

    A normal piece results from each of its splits into two pieces of the vocabulary. SentencePiece prefers the result
    with the highest score and, among the splits of one result, the lower ids.
    """
    ids = {text: index for index, text in enumerate(pieces.texts)}
    ranked = [
        (-score, ids[left], ids[right], left, right)
        for text, score, kind in zip(*pieces, strict=True)
        if kind == NORMAL
        for left, right in splits(text, ids)
    ]
    return [(left, right) for *_, left, right in sorted(ranked)]


def splits(text: str, ids: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return every way to cut ``text`` in two pieces of the vocabulary."""
    halves = ((text[:cut], text[cut:]) for cut in range(1, len(text)))
    return [(left, right) for left, right in halves if left in ids and right in ids]


def build_tokenizer(pieces: Pieces) -> "Tokenizer":
    """Build the ``tokenizers.Tokenizer`` of the vocabulary: BPE with byte fallback, ``<bos>`` before each text."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    ids = {text: index for index, text in enumerate(pieces.texts)}
    bpe = models.BPE(ids, rebuild_merges(pieces), unk_token=UNK, byte_fallback=True, fuse_unk=True)
    tokenizer = Tokenizer(bpe)
    tokenizer.normalizer = normalizers.Replace(" ", SPACE)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence([decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()])
    special = [AddedToken(text, special=True, normalized=False) for text in (PAD, EOS, BOS, UNK)]
    tokenizer.add_special_tokens(special)
    # matched in the raw text: line breaks, runs of spaces
    tokenizer.add_tokens(
        [
            AddedToken(text, normalized=False)
            for text, kind in zip(pieces.texts, pieces.kinds, strict=True)
            if kind == USER_DEFINED
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A {BOS} $B", special_tokens=[(BOS, ids[BOS])]
    )
    return tokenizer


def check_tokenizer(tokenizer: "Tokenizer") -> None:
    """Raise DeidError unless a known sentence is split as by Gemma's own tokenizer."""
    text, expected = PROBE
    seen = tokenizer.encode(text, add_special_tokens=False).tokens
    if seen != expected:
        msg = (
            f"The rebuilt tokenizer is wrong: {text!r} gives {seen}, expected {expected}. "
            "Remedy: install the versions of gguf and tokenizers that spacy-deid was tested with."
        )
        raise DeidError(msg)
