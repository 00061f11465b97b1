"""Budgets of a user's file are checked when read, and a figure that was not measured is not within budget."""

import pytest

from spacy_deid.audit.budgets import judge, load_budgets
from spacy_deid.errors import DeidError

ENTRY = {"measure": '"overlap.copied.alone"', "limit": "0", "title": '"t"', "meaning": '"m"', "reason": '"r"'}
OPTIONAL = {
    "wheel.difference.low",
    "canaries.generated",
    "exposure.above_chance.low",
    *(f"lm_membership.{attack}.tpr_at_1_percent_fpr.low" for attack in ("reference", "loss", "min_k")),
    *(f"corpus_membership.{attack}.tpr_at_1_percent_fpr.low" for attack in ("likelihood", "calibrated")),
}


@pytest.fixture
def own(tmp_path):
    """Write a budget file whose entry has these values, in TOML's notation."""

    def own(**values):
        lines = [f"{name} = {value}" for name, value in (ENTRY | values).items()]
        (tmp_path / "own.toml").write_text("\n".join(["[[budget]]", *lines]))
        return tmp_path / "own.toml"

    return own


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"limit": '"0"'}, r"the limit of 'overlap.copied.alone' is '0', not a number.*unquoted"),
        ({"limit": "true"}, "is True, not a number"),
        ({"limit": "nan"}, "is nan, not a number"),
        ({"measure": "3"}, "the measure 3 of a budget is not a string"),
        ({"optional": "true"}, "the optional True of a budget is not a string"),
        ({"optional": '"we do not care"'}, "'overlap.copied.alone' may not be optional.*wheel.difference.low"),
        ({"limits": "1"}, "has no budgets"),
    ],
)
def test_a_budget_that_would_not_do_what_it_seems_to_is_refused(values, said, own):
    with pytest.raises(DeidError, match=f"own.toml.*{said}"):
        load_budgets(own(**values))


def test_a_file_without_any_budget_is_refused(tmp_path):
    (tmp_path / "own.toml").write_text("budget = []")
    with pytest.raises(DeidError, match="has no budget, so nothing would be refused"):
        load_budgets(tmp_path / "own.toml")


def test_a_misspelt_measure_is_not_within_budget(own):
    verdict = judge({"overlap": {"copied": {"alone": 0}}}, load_budgets(own(measure='"overlap.copied.alnoe"')))
    assert verdict["not_measured"] == ["overlap.copied.alnoe"]
    assert not verdict["within_budget"]


def test_not_a_number_is_over_any_limit(own):
    assert judge({"overlap": {"copied": {"alone": float("nan")}}}, load_budgets(own()))["over"] == [
        "overlap.copied.alone"
    ]


@pytest.mark.parametrize("empty", [{}, {"identifiers": {}}, {"identifiers": {"rare": {"difference": {"low": None}}}}])
def test_only_optional_figures_may_be_missing(empty):
    budgets = load_budgets()
    verdict = judge(empty, budgets)
    assert set(verdict["not_measured"]) == {budget.measure for budget in budgets} - OPTIONAL
    assert not verdict["within_budget"]
    assert verdict["over"] == []
