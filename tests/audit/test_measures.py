"""The measures of an audit, each compared with its plain definition."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_deid.audit.intervals import compare_means, compare_rates
from spacy_deid.audit.membership import measure_attack
from spacy_deid.audit.words import log_probabilities, longest_runs, word_table

SOME_NOTES = st.lists(st.lists(st.integers(0, 3), max_size=12), min_size=1, max_size=4)


def table(notes):
    return word_table([np.array(note, dtype=np.int32) for note in notes])


def runs_of(note, length):
    return {tuple(note[start : start + length]) for start in range(len(note) - length + 1)}


@given(SOME_NOTES, SOME_NOTES)
def test_the_longest_run_is_what_trying_every_length_finds(notes, corpus):
    def longest(note):
        lengths = range(len(note), 0, -1)
        return next((n for n in lengths if any(runs_of(note, n) & runs_of(other, n) for other in corpus)), 0)

    assert longest_runs(table(notes), table(corpus)).tolist() == [longest(note) for note in notes]


@given(SOME_NOTES, st.integers(1, 4))
def test_windows_are_the_same_where_their_words_are(notes, length):
    hashes, owners = table(notes).windows(length)
    plain = [
        (number, tuple(note[start : start + length]))
        for number, note in enumerate(notes)
        for start in range(len(note) - length + 1)
    ]
    assert owners.tolist() == [number for number, _ in plain]
    assert len(set(hashes.tolist())) == len({words for _, words in plain})


@settings(max_examples=25)
@given(SOME_NOTES.filter(any), st.lists(st.integers(0, 3), max_size=3))
def test_probabilities_of_all_next_words_sum_to_one(corpus, context):
    single_words = table([[*context, word] for word in range(5)])  # 4 is in no corpus
    whole, single = log_probabilities(single_words, table(corpus), vocabulary=5)
    before = log_probabilities(table([context]), table(corpus), vocabulary=5)[0][0] * len(context)
    assert np.exp(whole * (len(context) + 1) - before).sum() == pytest.approx(1)
    assert (single < 0).all()


def test_a_note_of_the_corpus_is_likelier_than_its_words_in_another_order():
    rng = Random(0)
    corpus = [[rng.randrange(50) for _ in range(40)] for _ in range(20)]
    shuffled = rng.sample(corpus[0], 40)
    whole, single = log_probabilities(table([corpus[0], shuffled]), table(corpus), vocabulary=50)
    assert whole[0] > whole[1] + 1
    assert single[0] == pytest.approx(single[1])


def test_an_attack_is_measured_by_its_definition():
    perfect = measure_attack(range(100, 200), range(100), seed=0)
    assert perfect.auc.value == perfect.tpr.value == 1
    blind = measure_attack([1.0] * 100, [1.0] * 100, seed=0)
    assert (blind.auc.value, blind.tpr.value) == (0.5, 0)
    of_too_few = measure_attack(range(100, 200), range(99), seed=0)
    assert (of_too_few.auc.value, of_too_few.tpr.value, of_too_few.tpr.low) == (1, None, None)
    # two of 200 held-out notes may be taken for members: the third highest is the threshold
    sure = measure_attack([0.0] * 90 + [197.5] * 10, range(200), seed=0)
    assert sure.tpr.value == pytest.approx(0.1)


def test_by_chance_an_interval_of_the_difference_holds_zero_nineteen_times_of_twenty():
    rng = np.random.default_rng(0)
    draws = [compare_means(rng.random(80) < 0.3, rng.random(40) < 0.3, seed=1).difference for _ in range(100)]
    assert sum(row.low <= 0 <= row.high for row in draws) >= 90


def test_a_few_cases_on_the_larger_side_are_no_evidence():
    rare = compare_means([1, 1, 1] + [0] * 447, [0] * 250, seed=0).difference
    assert rare.low <= 0 < rare.value < rare.high
    many = compare_means([1] * 20 + [0] * 430, [0] * 250, seed=0).difference
    assert many.low > 0


def test_a_share_is_of_all_notes_together():
    compared = compare_rates([(1, 1), (0, 3)], [(0, 0), (0, 0)], seed=0)
    assert compared.members.value == 0.25
    assert compared.heldout.value is compared.difference.value is None
