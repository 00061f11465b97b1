"""Span and token scores; in the cases `[x]` marks a NAME and `[x|ID]` an ID."""

import re

import pytest

from spacy_deid.evaluate.measures import Counts, ScoredNote, joined, merged, span_only, strict, token_counts
from spacy_deid.extensions import CharSpan


def marked(text):
    """Return the plain text and its spans."""
    plain, spans, end = "", [], 0
    for match in re.finditer(r"\[(.*?)(?:\|(.*?))?\]", text):
        plain += text[end : match.start()]
        spans.append(CharSpan(len(plain), len(plain) + len(match[1]), match[2] or "NAME"))
        plain += match[1]
        end = match.end()
    return plain + text[end:], frozenset(spans)


def note(gold, predicted):
    (text, gold_spans), (same_text, predicted_spans) = marked(gold), marked(predicted)
    assert text == same_text
    return ScoredNote(text, gold_spans, predicted_spans)


CASES = [
    # gold, predicted, strict, span, merged, token: each (tp, fp, fn)
    ("[Ana] vino", "[Ana] vino", (1, 0, 0), (1, 0, 0), (1, 0, 0), (1, 0, 0)),
    ("Ana vino", "Ana vino", (0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)),
    ("[Ana] vino", "Ana vino", (0, 0, 1), (0, 0, 1), (0, 0, 1), (0, 0, 1)),
    ("Ana vino", "[Ana] vino", (0, 1, 0), (0, 1, 0), (0, 1, 0), (0, 1, 0)),
    ("[Ana] vino", "[Ana|ID] vino", (0, 1, 1), (1, 0, 0), (1, 0, 0), (0, 1, 1)),
    ("[Ana] vino", "[Ana vino]", (0, 1, 1), (0, 1, 1), (0, 1, 1), (1, 1, 0)),
    ("[Ana]-[Sol] vino", "[Ana-Sol] vino", (0, 1, 2), (0, 1, 2), (1, 0, 0), (2, 1, 0)),
    ("[Ana] [Sol] vino", "[Ana] [Sol|ID] vino", (1, 1, 1), (2, 0, 0), (3, 0, 0), (1, 1, 1)),
    ("[Ana] y [Sol]", "[Ana y Sol]", (0, 1, 2), (0, 1, 2), (0, 1, 2), (2, 1, 0)),
    ("[12-3|ID]", "[12|ID]-[3|ID]", (0, 2, 1), (0, 2, 1), (1, 0, 0), (2, 0, 1)),
]


@pytest.mark.parametrize(("gold", "predicted", "strictly", "alone", "together", "tokens"), CASES)
def test_agreements(gold, predicted, strictly, alone, together, tokens):
    case = note(gold, predicted)
    assert strict(case) == strictly
    assert span_only(case) == alone
    assert merged(case) == together
    assert token_counts(case) == tokens


def test_a_token_is_a_run_of_letters_and_digits_or_one_mark():
    text = "C/ Ñandú_7, 2ºB"  # C / Ñandú _ 7 , 2ºB
    everything = frozenset({CharSpan(0, len(text), "STREET")})
    assert token_counts(ScoredNote(text, everything, frozenset())) == (0, 0, 7)


def test_overlapping_spans_are_joined_to_their_hull():
    assert joined("Ana Sol vino", {(0, 7), (0, 3), (2, 5)}) == {(0, 7)}


@pytest.mark.parametrize(
    ("counts", "precision", "recall", "f1"),
    [
        (Counts(3, 1, 2), 3 / 4, 3 / 5, 2 / 3),
        (Counts(0, 0, 2), None, 0, 0),
        (Counts(0, 2, 0), 0, None, 0),
        (Counts(0, 0, 0), None, None, None),
    ],
)
def test_a_share_of_nothing_is_undefined(counts, precision, recall, f1):
    assert (counts.precision, counts.recall, counts.f1) == (precision, recall, f1)
