"""Packing neither loses nor repeats a token, and pads only the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.generate.adapt.data import IGNORED, pack

PADDING = 0
documents = st.lists(st.lists(st.integers(1, 99), min_size=1, max_size=40), min_size=1, max_size=8).filter(
    lambda made: sum(map(len, made)) > 1
)


@given(documents, st.integers(1, 17))
def test_every_token_but_the_first_is_a_target_once_and_in_order(made, block_size):
    blocks = pack(made, block_size, PADDING)
    stream = [token for document in made for token in document]
    targets = blocks.targets.flatten()
    assert targets[targets != IGNORED].tolist() == stream[1:]
    assert blocks.predicted == len(stream) - 1


@given(documents, st.integers(1, 17))
def test_each_target_follows_its_input(made, block_size):
    blocks = pack(made, block_size, PADDING)
    stream = [token for document in made for token in document]
    assert blocks.inputs.flatten()[: len(stream) - 1].tolist() == stream[:-1]


@given(documents, st.integers(1, 17))
def test_only_the_last_block_is_padded(made, block_size):
    blocks = pack(made, block_size, PADDING)
    assert blocks.inputs.shape == blocks.targets.shape
    assert blocks.inputs.shape[1] == block_size
    assert (blocks.targets[:-1] != IGNORED).all()
    assert (blocks.targets[-1] != IGNORED).any()
    assert (blocks.inputs[blocks.targets == IGNORED] == PADDING).all()


def test_a_long_document_goes_on_over_blocks():
    blocks = pack([list(range(1, 12))], 4, PADDING)
    assert blocks.inputs.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 0, 0]]
    assert blocks.targets.tolist() == [[2, 3, 4, 5], [6, 7, 8, 9], [10, 11, IGNORED, IGNORED]]
    assert blocks.padding_share == pytest.approx(2 / 12)
