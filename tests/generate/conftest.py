"""Inputs of a tiny adaptation, in one thread: threads that wait for each other would slow tiny models down."""

import pytest
import torch
from adaptation import save_corpus
from decoders import NOTE, save_gemma

torch.set_num_threads(1)


@pytest.fixture
def base(tmp_path):
    return save_gemma(tmp_path / "base")


@pytest.fixture
def overrides(tmp_path, base):
    return {
        "paths.train": str(save_corpus(tmp_path / "train.spacy", [NOTE] * 24)),
        "paths.dev": str(save_corpus(tmp_path / "dev.spacy", [NOTE, "", NOTE])),
        "paths.model": str(base),
        "training.block_size": 8,
        "training.batch_size": 2,
        "training.learning_rate": 0.02,
        "training.max_steps": 12,
        "training.dtype": "float32",
    }
