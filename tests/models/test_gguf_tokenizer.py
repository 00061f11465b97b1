"""Rebuilding Gemma's BPE from the pieces and scores of a GGUF file."""

import pytest

from spacy_deid.errors import DeidError
from spacy_deid.models.gguf_tokenizer import (
    BYTE,
    CONTROL,
    NORMAL,
    USER_DEFINED,
    Pieces,
    build_tokenizer,
    check_tokenizer,
    read_pieces,
    rebuild_merges,
)

# ids as in Gemma: special pieces, bytes, merged pieces by falling score, single characters at the end
SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>"]
BYTES = [f"<0x{value:02X}>" for value in range(256)]
MERGED = ["an", "▁a", "en", "ent", "ient", "pa", "paci", "ci", "▁paciente", "paciente", "te", "ie", "nte", "ien"]
CHARACTERS = list("▁acdeinpt")


@pytest.fixture
def pieces() -> Pieces:
    texts = [*SPECIAL, *BYTES, "\n\n", *MERGED, *CHARACTERS]
    kinds = [CONTROL] * 4 + [BYTE] * 256 + [USER_DEFINED] + [NORMAL] * (len(MERGED) + len(CHARACTERS))
    scores = [0.0] * 261 + [-float(rank) for rank in range(len(MERGED) + len(CHARACTERS))]
    return Pieces(texts, scores, kinds)


def test_each_merge_joins_two_pieces_into_a_normal_piece(pieces):
    merges = rebuild_merges(pieces)
    assert {a + b for a, b in merges} <= set(MERGED)
    assert {part for merge in merges for part in merge} <= set(pieces.texts)


def test_merges_follow_the_scores_of_their_results(pieces):
    ranks = [MERGED.index(a + b) for a, b in rebuild_merges(pieces)]
    assert ranks == sorted(ranks)


def test_every_split_of_a_piece_is_a_merge(pieces):
    # "ie" + "nt" is not among them: "nt" is no piece
    assert {(a, b) for a, b in rebuild_merges(pieces) if a + b == "ient"} == {("i", "ent"), ("ien", "t")}


def test_control_and_user_defined_pieces_are_never_merged(pieces):
    assert not {"\n\n", *SPECIAL, *BYTES} & {a + b for a, b in rebuild_merges(pieces)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("an", ["an"]),
        ("pa an", ["pa", "▁", "an"]),  # "an" scores higher than "▁a"
        ("\n\nan", ["\n\n", "an"]),
        ("ñ", ["<0xC3>", "<0xB1>"]),
    ],
)
def test_segmentation(pieces, text, expected):
    assert build_tokenizer(pieces).encode(text, add_special_tokens=False).tokens == expected


@pytest.mark.parametrize("text", ["paciente", "a  b\n\n", "ñandú 中 😀", " ", "\t\r\n"])
def test_decoding_gives_the_text_back(pieces, text):
    tokenizer = build_tokenizer(pieces)
    assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False).ids) == text


def test_a_text_starts_with_bos(pieces):
    assert build_tokenizer(pieces).encode("an").tokens == ["<bos>", "an"]


def test_a_tokenizer_that_tears_the_known_sentence_apart_is_refused(pieces):
    with pytest.raises(DeidError, match="tokenizer is wrong"):
        check_tokenizer(build_tokenizer(pieces))


def test_a_gguf_file_without_a_vocabulary_is_refused(tmp_path):
    gguf = pytest.importorskip("gguf")
    path = tmp_path / "empty.gguf"
    writer = gguf.GGUFWriter(path, "gemma3")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(DeidError, match=r"lacks tokenizer\.ggml\.tokens"):
        read_pieces(path)
