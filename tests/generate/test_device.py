"""The type of the weights on each device."""

import pytest
import torch

from spacy_deid.generate.causal_lm import choose_dtype


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx512_bf16": True, "amx_bf16": False}, torch.bfloat16),
        ({"avx512_bf16": False, "amx_bf16": True}, torch.bfloat16),
        ({"avx2": True}, torch.float32),
    ],
)
def test_auto_is_bfloat16_where_the_processor_computes_in_it(capabilities, expected, monkeypatch):
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: capabilities, raising=False)
    assert choose_dtype("auto", "cpu") == expected


@pytest.mark.parametrize("native", [True, False])
def test_auto_is_bfloat16_where_the_gpu_computes_in_it(native, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda including_emulation: native)
    assert choose_dtype("auto", "cuda:1") == (torch.bfloat16 if native else torch.float32)


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float16"])
def test_a_type_that_is_named_is_taken(name):
    assert choose_dtype(name, "cpu") == getattr(torch, name)
