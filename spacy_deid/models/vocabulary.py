"""Reduces a tokenizer to the pieces that public word lists need; a corpus of notes is never used.

Both functions take and return the parsed ``tokenizer.json`` of the ``tokenizers`` library. They guarantee that a text
whose pieces in the full vocabulary are all kept is split into the same pieces by the full and the reduced tokenizer.
"""

import copy
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any, NamedTuple

from spacy_deid.errors import DeidError

Spec = dict[str, Any]
BATCH = 5000  # words tokenized at a time
LONGEST_PUNCTUATION = 2  # characters of pieces without letters that the LM keeps: each piece costs time at every step
LONGEST_NUMBER = 8  # a piece costs the encoder no time, and XLM-R has pieces for whole dates and years
SPACE = "▁"  # the character for a space in pieces
LAST_LATIN_LETTER = "ɏ"  # U+024F, end of the block Latin Extended-B
TYPOGRAPHY = frozenset("‐‑‒–—―‘’‚“”„†‡•…‰′″‹›€™−≤≥≈≠±→←↑↓≃√∞µΩαβγδΔκλμσ")
UPPERCASE_SHARE = 8  # the commonest eighth of the words is also kept in capitals: headings use common words


class Cut(NamedTuple):
    """A reduced tokenizer and the old ids of its pieces."""

    spec: Spec
    kept: list[int]  # old ids, ascending; the position is the new id


def used_pieces(spec: Spec, forms: Iterable[str]) -> set[str]:
    """Return the pieces of the forms, at the start of a word and inside a word."""
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
    """Reduce a BPE to bytes, basic pieces, white space, pieces of the forms, and all pieces they are merged from."""
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
    """Return every piece that BPE builds on the way from the characters to ``piece``, which is included.

    Inside a longer word, BPE builds the piece by the same merges. Keeping these pieces thus keeps its segmentation.
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
    """Reduce a Unigram to special pieces, basic pieces and pieces of the forms, with their scores."""
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


def is_western(character: str) -> bool:
    """Whether Latin-script notes use the character: basic to extended Latin, typography, units and dose signs."""
    return character <= LAST_LATIN_LETTER or character in TYPOGRAPHY or character == SPACE


def is_basic(piece: str, longest: int) -> bool:
    """Whether to keep a piece even if no word needs it.

    These are all single western characters, so that every word can be spelt, and all pieces of at most ``longest``
    western characters without letters: numbers and punctuation. Spaces (▁) are not counted.
    """
    bare = piece.replace(SPACE, "")
    if not all(is_western(character) for character in bare):
        return False
    if len(piece) == 1:
        return True
    return len(bare) <= longest and not any(unicodedata.category(character)[0] in "LM" for character in bare)


def check_languages(languages: Sequence[str]) -> None:
    """Raise DeidError if wordfreq has no list for a language (ISO 639-1 codes)."""
    from wordfreq import available_languages

    known = available_languages("best")
    unknown = [language for language in languages if language not in known]
    if unknown or not languages:
        msg = (
            f"No word list of language {', '.join(unknown) or '(none given)'}. Choose among: {', '.join(sorted(known))}"
        )
        raise DeidError(msg)


def common_words(language: str, count: int) -> list[str]:
    """Return the ``count`` commonest words of a language (fewer if the list is shorter), commonest first.

    Source: the lists of the wordfreq package (Robyn Speer), which hold no numbers.
    """
    from wordfreq import top_n_list

    if count < 1:
        msg = f"The number of words is {count}. Remedy: use 1 or more."
        raise DeidError(msg)
    return top_n_list(language, count)


def written_forms(words: Sequence[str]) -> list[str]:
    """Return the forms of words in a text: inside or at the start of a sentence, or in a heading."""
    capitals = [word.upper() for word in words[: len(words) // UPPERCASE_SHARE]]
    return [*words, *(word.capitalize() for word in words), *capitals]
