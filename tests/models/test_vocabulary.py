"""Reduced vocabularies: the pieces that are kept, and kept words have the same pieces as before."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

from spacy_deid.models.gguf_tokenizer import BYTE, CONTROL, NORMAL, Pieces, build_tokenizer
from spacy_deid.models.vocabulary import cut_bpe, cut_unigram, is_basic, merged_from

LETTERS = "abcde"
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=9), min_size=1, max_size=8)


def bpe_spec(seed: int) -> dict:
    """A BPE over five letters, with merged pieces drawn at random in random order of score."""
    rng = random.Random(seed)
    merged = {"".join(rng.choices(LETTERS + "▁", k=rng.randint(2, 5))) for _ in range(60)}
    merged = sorted(piece for piece in merged if "▁" not in piece[1:])
    merged = rng.sample(merged, k=min(30, len(merged)))
    texts = ["<pad>", "<eos>", "<bos>", "<unk>", *(f"<0x{v:02X}>" for v in range(256)), *merged, *LETTERS, "▁", "("]
    kinds = [CONTROL] * 4 + [BYTE] * 256 + [NORMAL] * (len(texts) - 260)
    return json.loads(build_tokenizer(Pieces(texts, [-float(i) for i in range(len(texts))], kinds)).to_str())


def unigram_spec(seed: int) -> dict:
    rng = random.Random(seed)
    merged = {"".join(rng.choices(LETTERS + "▁", k=rng.randint(2, 5))) for _ in range(60)}
    merged = sorted(piece for piece in merged if "▁" not in piece[1:])
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *rng.sample(merged, len(merged)), *LETTERS, "▁", "(", "<mask>"]
    scores = [0.0] * 4 + [-rng.uniform(3, 15) for _ in pieces[4:-1]] + [0.0]
    tokenizer = Tokenizer(models.Unigram(list(zip(pieces, scores, strict=True)), unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.add_special_tokens([AddedToken(p, special=True, normalized=False) for p in (*pieces[:4], "<mask>")])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return json.loads(tokenizer.to_str())


def segments(spec: dict, word: str) -> list[str]:
    return Tokenizer.from_str(json.dumps(spec)).encode(f" {word}", add_special_tokens=False).tokens


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), words=WORDS)
def test_bpe_kept_words_keep_their_segmentation(seed, words):
    spec = bpe_spec(seed)
    cut = cut_bpe(spec, words).spec
    assert [segments(cut, word) for word in words] == [segments(spec, word) for word in words]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), words=WORDS)
def test_bpe_every_kept_piece_is_reachable_by_kept_merges(seed, words):
    cut = cut_bpe(bpe_spec(seed), words).spec
    results = {a + b for a, b in cut["model"]["merges"]}
    added = {token["content"] for token in cut["added_tokens"]}
    merged = {p for p in cut["model"]["vocab"] if len(p) > 1 and p not in added and not p.startswith("<0x")}
    assert merged <= results
    assert all({a, b} <= cut["model"]["vocab"].keys() for a, b in cut["model"]["merges"])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), words=WORDS)
def test_unigram_kept_words_keep_their_segmentation(seed, words):
    spec = unigram_spec(seed)
    cut = cut_unigram(spec, words).spec
    assert [segments(cut, word) for word in words] == [segments(spec, word) for word in words]


def test_bpe_cut_drops_what_no_word_needs_and_numbers_the_rest_anew():
    spec = bpe_spec(1)
    cut = cut_bpe(spec, ["a"])
    assert len(cut.kept) < len(spec["model"]["vocab"])
    assert sorted(cut.spec["model"]["vocab"].values()) == list(range(len(cut.kept)))
    old = {index: piece for piece, index in spec["model"]["vocab"].items()}
    assert {piece: cut.kept[new] for piece, new in cut.spec["model"]["vocab"].items()} == {
        old[index]: index for index in cut.kept
    }


def test_unigram_cut_keeps_special_ids_scores_and_the_mask_last():
    spec = unigram_spec(1)
    cut = cut_unigram(spec, ["abc"])
    assert cut.kept[:4] == [0, 1, 2, 3]
    assert cut.spec["model"]["vocab"][-1][0] == "<mask>"
    assert {t["content"]: t["id"] for t in cut.spec["added_tokens"]}["<mask>"] == len(cut.kept) - 1
    assert cut.spec["model"]["vocab"] == [spec["model"]["vocab"][old] for old in cut.kept]


def test_the_full_spec_is_left_as_it_was():
    spec = bpe_spec(2)
    before = json.dumps(spec)
    cut_bpe(spec, ["abc"])
    assert json.dumps(spec) == before


def test_merged_from_lists_the_pieces_on_the_way():
    ranks = {("b", "c"): 0, ("a", "bc"): 1, ("a", "b"): 2}
    assert merged_from("abc", ranks) == {"a", "b", "c", "bc", "abc"}


@pytest.mark.parametrize(
    ("piece", "basic"),
    [
        ("å", True), ("Ñ", True), ("µ", True), ("▁", True), ("“", True), ("7", True), ("):", True), ("▁--", True),
        ("....", False), ("ab", False), ("中", False), ("я", False), ("ä1", False),
    ],
)  # fmt: skip
def test_pieces_that_every_note_may_need(piece, basic):
    assert is_basic(piece, longest=2) is basic
