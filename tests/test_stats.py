import numpy as np
import pytest

from spacy_deid.evaluate.measures import COLUMNS
from spacy_deid.stats import intervals, paired_gaps


def per_note(notes, **columns):
    return {column: columns.get(column, [0] * notes) for column in COLUMNS}


def test_notes_that_are_all_alike_leave_no_uncertainty():
    strict = intervals(per_note(5, strict_tp=[3] * 5, strict_fn=[1] * 5))["strict_recall"]
    assert strict == (0.75, 0.75, 0.75)


def test_the_interval_of_a_share_of_notes_is_the_binomial_one():
    hidden = np.arange(400) % 2
    interval = intervals(per_note(400, notes_hidden=hidden, notes_leaking=1 - hidden))["fully_redacted"]
    margin = 1.96 * (0.25 / 400) ** 0.5
    assert interval == pytest.approx((0.5, 0.5 - margin, 0.5 + margin), abs=0.006)


def test_a_seed_gives_the_same_interval_and_another_seed_another():
    counts = per_note(30, strict_tp=list(range(30)), strict_fp=[3] * 30)
    assert intervals(counts, seed=1) == intervals(counts, seed=1)
    assert intervals(counts, seed=1)["strict_precision"] != intervals(counts, seed=2)["strict_precision"]


def test_an_undefined_measure_has_no_interval():
    assert intervals(per_note(3, strict_fn=[1, 2, 3]))["strict_precision"] == (None, None, None)


def test_a_system_has_no_gap_to_itself():
    counts = per_note(20, strict_tp=list(range(20)), strict_fn=[5] * 20)
    assert paired_gaps(counts, counts)["strict_recall"] == (0, 0, 0)


def test_the_gap_is_paired_so_hard_notes_do_not_blur_it():
    rng = np.random.default_rng(0)
    found = rng.integers(5, 90, size=60)
    better = per_note(60, strict_tp=found, strict_fn=100 - found)
    worse = per_note(60, strict_tp=found - 5, strict_fn=105 - found)
    gap = paired_gaps(better, worse)["strict_recall"]
    assert gap == pytest.approx((-0.05, -0.05, -0.05))
    alone = intervals(better)["strict_recall"]
    assert alone.high - alone.low > 0.05
