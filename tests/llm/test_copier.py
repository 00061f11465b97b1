"""The copier's answer is the note with tags: the same as the model would choose step by step, for any text."""

import itertools

import numpy as np
import pytest
import spacy
import torch
from decoders import PIECES, character_tokenizer, gemma, gpt2, llama
from hypothesis import given, settings
from hypothesis import strategies as st
from test_reader import ODD, passage, qwen

from spacy_deid.errors import DeidError
from spacy_deid.llm import copier as module
from spacy_deid.llm.answer import MOST_UNITS
from spacy_deid.llm.copier import NoteCopier, check_descriptions, make_copier

LABELS = {"A": "a name", "BC": "a date", "BD": "a place"}
NOTES = ["Bo Ek sov.", "", "x", "Anna Ek inkom 3 maj.\nHon sov gott hela natten lang.", "  \n ", "a <A>b</A> c <", "Bo"]
MODELS = [lambda: gemma(max_position_embeddings=4096), lambda: llama(max_position_embeddings=4096), qwen]
SMALL = {"LONGEST_WINDOW": 24, "OVERLAP": 4}


@pytest.fixture(autouse=True)
def small_windows(monkeypatch):
    for name, value in SMALL.items():
        monkeypatch.setattr(module, name, value)


def short_gpt2():
    """Its 1,024 places are enough for a window of 24 pieces."""
    return gpt2()


def copier(model, labels=LABELS, **options):
    return NoteCopier(model, character_tokenizer(), labels, **{"bias": 1.0} | options)


def read(model, notes, **options):
    return copier(model, **options).read([passage(note) for note in notes])


def same(left, right):
    assert [[(s.start, s.end, s.label) for s in note] for note in left] == [
        [(s.start, s.end, s.label) for s in note] for note in right
    ]
    scores = [[s.score for note in notes for s in note] for notes in (left, right)]
    np.testing.assert_allclose(*scores, atol=1e-4)


@pytest.mark.parametrize("make_model", [*MODELS, short_gpt2])
def test_the_draft_changes_no_decision(make_model):
    model = make_model()
    step_by_step = read(model, NOTES, draft=0)
    assert any(step_by_step)
    for draft in (1, 5, 24):
        same(read(model, NOTES, draft=draft), step_by_step)


@pytest.mark.parametrize("make_model", [*MODELS, short_gpt2])
def test_a_note_is_copied_the_same_alone_and_in_any_batch(make_model):
    model = make_model()
    same(read(model, NOTES, batch_size=1), read(model, NOTES, batch_size=8))
