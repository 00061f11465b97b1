"""Inputs of tiny readers, in one thread: threads that wait for each other would slow tiny models down."""

import pytest
import torch
from decoders import save_gemma
from reading import GOLD, save_gold

torch.set_num_threads(1)


@pytest.fixture
def base(tmp_path):
    return save_gemma(tmp_path / "base")


@pytest.fixture
def overrides(tmp_path, base):
    return {
        "paths.train": str(save_gold(tmp_path / "train.spacy", GOLD * 6)),
        "paths.dev": str(save_gold(tmp_path / "dev.spacy", GOLD)),
        "paths.model": str(base),
        "training.block_size": 64,
        "training.learning_rate": 0.01,
        "training.max_steps": 40,
        "training.epochs": 40,
        "training.dtype": "float32",
        "training.held_out": 0,
        "reading.checks": 2,
    }
