import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.corpus.templates.quotas import Others, expected_spans, weights_within
from spacy_deid.corpus.templates.template import Choice, Marked, Slot
from spacy_deid.errors import DeidError

# what three variants hold on average
SPANS = [{"NAME": 4.0, "DATE": 1.0}, {"DATE": 2.0, "PHONE": 2.0}, {}]


def share(weights, category, spans=SPANS):
    of_category = sum(weight * held.get(category, 0) for weight, held in zip(weights, spans, strict=True))
    return of_category / sum(weight * sum(held.values()) for weight, held in zip(weights, spans, strict=True))


def test_expected_spans_are_means_over_nested_choices():
    name, date, plain = Slot("patient", None, "NAME"), Slot("date", None, "DATE"), Slot("unit", None, "")
    parts = (name, " ", plain, Choice((("x",), (date, Choice(((name,), (name, name)))))))
    assert expected_spans(parts) == {"NAME": 1 + 0.5 * 1.5, "DATE": 0.5}


def test_a_marked_value_is_a_span():
    assert expected_spans(("Ringer ", Marked("Ek", "NAME"))) == {"NAME": 1}


def test_labels_of_one_category_count_together():
    parts = (Slot("street", None, "CALLE"), Slot("country", None, "PAIS"))
    assert expected_spans(parts) == {"LOCATION": 2}


def test_quotas_that_hold_change_nothing():
    assert weights_within({"NAME": 0.1}, 0.2, SPANS, [2, 1, 1]) == pytest.approx([0.5, 0.25, 0.25])


def test_a_rare_label_and_notes_without_identifiers_reach_their_share():
    weights = weights_within({"PHONE": 0.4}, 0.3, SPANS, [100, 1, 1])
    assert share(weights, "PHONE") == pytest.approx(0.4, abs=1e-3)
    assert weights[2] == pytest.approx(0.3, abs=1e-3)
    assert sum(weights) == pytest.approx(1)


def test_no_more_is_changed_than_needed():
    like = [*SPANS, {"NAME": 4.0, "DATE": 1.0}]
    weights = weights_within({"PHONE": 0.4}, 0.0, like, [3, 1, 1, 6])
    assert weights[3] == pytest.approx(2 * weights[0])


@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=2, max_size=20), st.integers(1, 30))
def test_whatever_is_returned_meets_the_quotas(counts, percent):
    names = ("NAME", "DATE", "PHONE")
    spans = [dict(zip(names, map(float, row), strict=True)) for row in counts]
    quotas = dict.fromkeys(names, percent / 100)
    try:
        weights = weights_within(quotas, 0.0, spans, [1.0] * len(spans))
    except DeidError as error:
        assert "quotas." in str(error)
        return
    held = np.array(weights) @ np.array(counts)
    assert (held >= percent / 100 * held.sum() - 0.01).all()


@pytest.mark.parametrize(
    ("quotas", "without", "message"),
    [
        ({"EMAIL": 0.01}, 0.0, r"No mixture of the templates reaches quotas\.EMAIL = 0\.01"),
        ({"PHONE": 0.6}, 0.0, r"No mixture of the templates reaches quotas\.PHONE = 0\.6"),
        ({"NAME": 0.6, "PHONE": 0.4}, 0.0, r"No mixture of the templates reaches quotas\."),
        ({"PHOEN": 0.01}, 0.0, r"quotas\.PHOEN is not a category"),
    ],
)
def test_quotas_that_cannot_be_met_are_errors(quotas, without, message):
    with pytest.raises(DeidError, match=message):
        weights_within(quotas, without, SPANS, [1, 1, 1])


def test_notes_without_identifiers_need_a_template_for_them():
    with pytest.raises(DeidError, match=r"without_identifiers = 0\.1"):
        weights_within({}, 0.1, SPANS[:2], [1, 1])


def test_variants_make_up_for_the_other_notes_of_the_corpus():
    others = Others.of([{"NAME": 6}, {"NAME": 2}, {"NAME": 4}, {}], 0.25)
    weights = weights_within({"PHONE": 0.3}, 0.4, SPANS, [1.0, 1.0, 1.0], others)
    all_spans, all_weights = [*SPANS, {"NAME": 3.0}], [*(0.75 * weight for weight in weights), 0.25]
    assert share(all_weights, "PHONE", all_spans) == pytest.approx(0.3, abs=1e-3)
    assert 0.75 * weights[2] + 0.25 * 0.25 == pytest.approx(0.4, abs=1e-3)


def test_others_that_meet_a_quota_leave_the_variants_as_they_are():
    others = Others.of([{"PHONE": 9}], 0.5)
    assert weights_within({"PHONE": 0.4}, 0.0, SPANS, [1.0, 2.0, 1.0], others) == pytest.approx([0.25, 0.5, 0.25])


def test_no_notes_are_no_others():
    assert Others.of([], 0.35).share == 0
