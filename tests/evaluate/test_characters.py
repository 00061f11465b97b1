import pytest

from spacy_deid.evaluate.breakdown import narrative
from spacy_deid.evaluate.measures import ScoredNote, character_counts, leaks, merged, span_only
from spacy_deid.extensions import CharSpan


def note(text, gold, predicted):
    return ScoredNote(
        text,
        frozenset(CharSpan(start, end, "NAME") for start, end in gold),
        frozenset(CharSpan(start, end, "ID") for start, end in predicted),
    )


@pytest.mark.parametrize(
    ("gold", "predicted", "found", "missed", "over", "clear"),
    [
        ([(0, 7)], [(0, 7)], 6, 0, 0, 4),
        ([(0, 7)], [(0, 3)], 3, 3, 0, 4),
        ([(0, 3)], [(0, 12)], 3, 0, 7, 0),
        ([], [], 0, 0, 0, 10),
        ([(0, 7), (0, 3)], [(2, 5), (4, 7)], 4, 2, 0, 4),
    ],
)
def test_characters_are_counted_without_white_space_and_whatever_the_label(gold, predicted, found, missed, over, clear):
    assert character_counts(note("Ana Sol vino", gold, predicted)) == (found, missed, over, clear)


@pytest.mark.parametrize(
    ("predicted", "leaking"),
    [
        ([(0, 6)], []),
        ([(0, 2), (3, 5)], []),  # the hyphen and the full stop disclose nothing
        ([(0, 4)], [(0, 6)]),
        ([], [(0, 6)]),
    ],
)
def test_a_span_leaks_when_a_letter_or_digit_stays_readable(predicted, leaking):
    found = leaks(note("12-3B. fin", [(0, 6)], predicted))
    assert [(span.start, span.end) for span in found] == leaking


def test_the_narrative_is_the_middle_by_where_spans_start():
    text = "".join(chr(ord("a") + number // 4) for number in range(100))
    gold = [(14, 20), (15, 20), (50, 55), (84, 90), (85, 90)]
    middle = narrative(note(text, gold, [(50, 55)]))
    assert middle.text == text[15:90]
    assert sorted((span.start, span.end) for span in middle.gold) == [(0, 5), (35, 40), (69, 75)]
    assert {middle.text[span.start : span.end] for span in middle.predicted} == {text[50:55]}


@pytest.mark.parametrize(
    ("predicted", "kept", "leaking"),
    [
        ([(14, 20)], [(-1, 5)], 0),  # begins a character too early, and hides the whole span
        ([(10, 17)], [(-5, 2)], 1),
        ([(10, 15)], [], 1),  # touches the gold, but hides none of it
        ([(2, 14), (86, 90)], [], 1),
    ],
)
def test_a_prediction_from_before_the_middle_counts_where_it_covers_a_gold_span_within(predicted, kept, leaking):
    middle = narrative(note("x" * 100, [(15, 20)], predicted))
    assert sorted((span.start, span.end) for span in middle.predicted) == kept
    assert len(leaks(middle)) == leaking
    assert character_counts(middle).over == 0


def test_a_prediction_across_the_boundary_of_the_middle_does_not_agree_strictly():
    middle = narrative(note("x" * 100, [(15, 20)], [(13, 18), (14, 20)]))
    assert span_only(middle) == (0, 2, 1)
    assert merged(middle) == (0, 2, 1)


@pytest.mark.parametrize("text", ["", "x", "xy"])
def test_tiny_notes_have_a_narrative(text):
    assert narrative(note(text, [], [])).text in text
