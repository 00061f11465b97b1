"""Q4_0 blocks, against gguf's own reference."""

import numpy as np
import pytest

from spacy_deid.models.e5 import BLOCK_BYTES, decode_q4_0


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
