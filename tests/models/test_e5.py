"""The E5S1 container, and its Q4_0 blocks against gguf's own reference."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.errors import DeidError
from spacy_deid.models.e5 import BLOCK_BYTES, decode_q4_0, read_e5

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁a", "ñ"]
SCORES = [0.0, 0.0, 0.0, 0.0, -3.5, -7.25]
NORM = np.arange(4, dtype="<f4")
WORDS = np.float16(2).tobytes() + bytes([0x9A] * 16)  # one block: low nibbles 10 -> 4.0, high nibbles 9 -> 2.0


def container() -> bytes:
    texts = [piece.encode("utf8") for piece in PIECES]
    starts = np.cumsum([0, *map(len, texts)]).astype("<u4")
    head = b"E5S1" + struct.pack("<I7ifi", 1, 32, 1, 2, 64, len(PIECES), 512, 2, 1e-12, 32)
    head += struct.pack("<i4iQ", len(PIECES), 0, 2, 1, 3, len(b"".join(texts)))
    head += starts.tobytes() + np.array(SCORES, "<f4").tobytes() + b"".join(texts)
    head += struct.pack("<iI", 1, 9) + bytes(9)
    tensors = {b"emb.ln.w": NORM.tobytes(), b"emb.word": WORDS}
    offset = len(head) + 4 + sum(2 + len(name) + 1 + 4 + 16 for name in tensors)
    directory = struct.pack("<i", len(tensors))
    for name, data in tensors.items():
        directory += struct.pack("<H", len(name)) + name + struct.pack("<BIQQ", 0, 0, offset, len(data))
        offset += len(data)
    return head + directory + b"".join(tensors.values())


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "e5.bin"
    path.write_bytes(container())
    return path


def test_shape_vocabulary_and_tensors(file):
    e5 = read_e5(file)
    assert (e5.shape.hidden, e5.shape.layers, e5.shape.feed_forward, e5.shape.positions) == (32, 1, 64, 512)
    assert e5.layer_norm_epsilon == pytest.approx(1e-12)
    assert e5.vocabulary.pieces == PIECES
    assert e5.vocabulary.scores.tolist() == SCORES
    assert e5.vocabulary.pad == 1
    np.testing.assert_array_equal(e5.vector("emb.ln.w", 4), NORM)
    np.testing.assert_array_equal(e5.matrix("emb.word", 1, 32), [[4.0] * 16 + [2.0] * 16])


@given(length=st.integers(0, len(container()) - 1))
def test_a_file_cut_short_anywhere_is_refused(tmp_path_factory, length):
    path = tmp_path_factory.mktemp("e5") / "short.bin"
    path.write_bytes(container()[:length])
    with pytest.raises(DeidError, match="cut short|not an E5S1 file") as error:
        read_e5(path)
    assert "Remedy" in str(error.value)


def test_the_error_says_what_was_being_read(file):
    file.write_bytes(container()[:20])
    with pytest.raises(DeidError, match="cut short at byte 20: it ends inside the shape"):
        read_e5(file)


def test_another_kind_of_file_is_refused(file):
    file.write_bytes(b"GGUF" + container()[4:])
    with pytest.raises(DeidError, match="not an E5S1 file"):
        read_e5(file)


@pytest.mark.parametrize(("name", "size"), [("emb.pos", 4), ("emb.ln.w", 5)])
def test_an_absent_tensor_or_one_of_another_size_is_refused(file, name, size):
    with pytest.raises(DeidError, match=name):
        read_e5(file).vector(name, size)


@pytest.mark.parametrize(("rows", "columns"), [(1, 32), (3, 64), (16, 384)])
def test_decodes_as_gguf_does(rows, columns):
    gguf = pytest.importorskip("gguf")
    matrix = np.random.default_rng(rows).normal(size=(rows, columns)).astype(np.float32)
    packed = gguf.quants.quantize(matrix, gguf.GGMLQuantizationType.Q4_0)
    expected = gguf.quants.dequantize(packed, gguf.GGMLQuantizationType.Q4_0)
    decoded = decode_q4_0(packed.tobytes(), rows, columns)
    assert decoded.dtype == np.float32
    np.testing.assert_array_equal(decoded, expected)


def test_low_nibbles_come_first():
    block = np.float16(0.5).tobytes() + bytes([0x0F] + [0x88] * 15)  # low 15, high 0; the rest 8: zero
    assert len(block) == BLOCK_BYTES
    weights = decode_q4_0(block, 1, 32)[0]
    assert weights[0] == 3.5
    assert weights[16] == -4.0
    assert np.count_nonzero(weights) == 2
