import numpy as np
import pytest

from spacy_deid.stats import Share, intervals, paired_gaps, rounded

RIGHT = {"right": Share(("tp",), ("tp", "fp"))}


def notes(right, wrong):
    return {"tp": right, "fp": wrong}


def test_equal_notes_leave_no_uncertainty():
    assert intervals(notes([3] * 5, [1] * 5), RIGHT)["right"] == (0.75, 0.75, 0.75)


def test_the_interval_of_a_share_of_notes_is_the_binomial_one():
    hidden = np.arange(400) % 2
    interval = intervals(notes(hidden, 1 - hidden), RIGHT)["right"]
    margin = 1.96 * (0.25 / 400) ** 0.5
    assert interval == pytest.approx((0.5, 0.5 - margin, 0.5 + margin), abs=0.006)


def test_a_seed_gives_the_same_interval_and_another_seed_another():
    counts = notes(list(range(30)), [3] * 30)
    assert intervals(counts, RIGHT, seed=1) == intervals(counts, RIGHT, seed=1)
    assert intervals(counts, RIGHT, seed=1) != intervals(counts, RIGHT, seed=2)


def test_a_share_of_nothing_has_no_interval():
    assert intervals(notes([0, 0, 0], [0, 0, 0]), RIGHT)["right"] == (None, None, None)


def test_a_system_has_no_gap_to_itself():
    counts = notes(list(range(20)), [5] * 20)
    assert paired_gaps(counts, counts, RIGHT)["right"] == (0, 0, 0)


def test_the_gap_is_paired_so_hard_notes_do_not_blur_it():
    rng = np.random.default_rng(0)
    found = rng.integers(5, 90, size=60)
    better, worse = notes(found, 100 - found), notes(found - 5, 105 - found)
    gap = paired_gaps(better, worse, RIGHT)["right"]
    assert gap == pytest.approx((-0.05, -0.05, -0.05))
    alone = intervals(better, RIGHT)["right"]
    assert alone.high - alone.low > 0.05


def test_rounding_keeps_what_is_undefined_and_counts():
    assert rounded({"value": 0.123456, "low": None, "support": 3}, 4) == {"value": 0.1235, "low": None, "support": 3}
