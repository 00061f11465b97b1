"""Cutting a tokenizer to the pieces that public word lists need.

Both cuts take and give the parsed ``tokenizer.json`` of the ``tokenizers`` library. What they guarantee: every text
whose pieces in the full vocabulary are all kept is cut into the same pieces by both.
"""

import copy
import json
from collections.abc import Iterable, Mapping
from itertools import islice, pairwise
from typing import Any, NamedTuple

from spacy_deid.models.characters import is_basic

Spec = dict[str, Any]
BATCH = 5000  # words tokenized at a time
LONGEST_PUNCTUATION = 2  # characters of letterless pieces that the LM keeps: it pays for every piece at every step
LONGEST_NUMBER = 8  # the encoder pays nothing per piece, and XLM-R has pieces for whole dates and years


class Cut(NamedTuple):
    """A cut tokenizer and where its pieces come from."""

    spec: Spec
    kept: list[int]  # old ids, rising; the position is the new id


def used_pieces(spec: Spec, forms: Iterable[str]) -> set[str]:
    """Return the pieces that a tokenizer cuts the forms into, at the start of a word and inside one."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(json.dumps(spec))
    pieces: set[str] = set()
    remaining = iter(forms)
    while batch := list(islice(remaining, BATCH)):
        texts = [f"{before}{form}" for form in batch for before in (" ", "(")]
        for encoding in tokenizer.encode_batch(texts, add_special_tokens=False):
            pieces.update(encoding.tokens)
    return pieces


def cut_bpe(spec: Spec, forms: Iterable[str]) -> Cut:
    """Cut a BPE: bytes, basic pieces, white space, what the forms use, and every piece those are merged from."""
    vocabulary: dict[str, int] = spec["model"]["vocab"]
    ranks = {(left, right): rank for rank, (left, right) in enumerate(spec["model"]["merges"])}
    wanted = used_pieces(spec, forms) | {p for p in vocabulary if is_basic(p, LONGEST_PUNCTUATION)}
    added = {token["content"]: token["special"] for token in spec["added_tokens"]}
    kept = {piece for piece in vocabulary if piece.startswith("<0x") and piece.endswith(">")}
    kept |= {piece for piece, special in added.items() if special or not piece.strip()}
    for piece in wanted - added.keys():
        kept |= merged_from(piece, ranks)
    return Cut(*_with_bpe_pieces(spec, kept & vocabulary.keys()))


def merged_from(piece: str, ranks: Mapping[tuple[str, str], int]) -> set[str]:
    """Return every piece that comes up while BPE builds ``piece`` from its characters, itself included.

    Inside a longer word BPE builds the piece by the same merges, so keeping these keeps the word's segmentation.
    """
    symbols = list(piece)
    seen = set(symbols)
    while len(symbols) > 1:
        candidates = [(rank, at) for at, pair in enumerate(pairwise(symbols)) if (rank := ranks.get(pair)) is not None]
        if not candidates:
            break
        _, at = min(candidates)
        symbols[at : at + 2] = ["".join(symbols[at : at + 2])]
        seen.add(symbols[at])
    return seen


def _with_bpe_pieces(spec: Spec, pieces: set[str]) -> tuple[Spec, list[int]]:
    model = spec["model"]
    kept = sorted(model["vocab"][piece] for piece in pieces)
    new_ids = {old: new for new, old in enumerate(kept)}
    merges = [[a, b] for a, b in model["merges"] if {a, b, a + b} <= pieces]
    vocabulary = {piece: new_ids[old] for piece, old in model["vocab"].items() if old in new_ids}
    cut = _renumbered({**spec, "model": {**model, "vocab": vocabulary, "merges": merges}}, new_ids)
    return cut, kept


def cut_unigram(spec: Spec, forms: Iterable[str]) -> Cut:
    """Cut a Unigram: special pieces, basic pieces and what the forms use, all with their scores."""
    vocabulary: list[tuple[str, float]] = spec["model"]["vocab"]
    pieces = used_pieces(spec, forms) | {token["content"] for token in spec["added_tokens"]}
    kept = [index for index, (piece, _) in enumerate(vocabulary) if piece in pieces or is_basic(piece, LONGEST_NUMBER)]
    new_ids = {old: new for new, old in enumerate(kept)}
    model = {
        **spec["model"],
        "vocab": [vocabulary[old] for old in kept],
        "unk_id": new_ids[spec["model"]["unk_id"]],
    }
    return Cut(_renumbered({**spec, "model": model}, new_ids), kept)


def _renumbered(spec: Spec, new_ids: Mapping[int, int]) -> Spec:
    """Return the spec with the new ids of added tokens and of the template's special tokens."""
    cut = copy.deepcopy(spec)
    cut["added_tokens"] = [
        {**token, "id": new_ids[token["id"]]} for token in cut["added_tokens"] if token["id"] in new_ids
    ]
    for token in cut["post_processor"]["special_tokens"].values():
        token["ids"] = [new_ids[old] for old in token["ids"]]
    return cut
