"""From probabilities to spans: neighbours join within a line, and the bias is a dial."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spacy_deid.errors import DeidError
from spacy_deid.llm.decide import Reading, Unit, by_unit, spans_of

LABELS = ("NAME", "DATE")


def reading_of(rows, begins=None, lines=()):
    """Return the reading of units of three characters, which a space separates; ``lines``: units that begin one."""
    units = [Unit(4 * at, 4 * at + 3, at in lines) for at in range(len(rows))]
    logs = np.log(np.asarray(rows, dtype=np.float32).reshape(-1, 3))
    return Reading(LABELS, units, logs, np.asarray(begins or [0.0] * len(rows), dtype=np.float32))


NAME, DATE, NOTHING = [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.8, 0.1, 0.1]


@pytest.mark.parametrize(
    ("rows", "begins", "lines", "expected"),
    [
        ([NAME, NAME, NOTHING], [1, 0, 0], (), [(0, 7, "NAME")]),
        ([NAME, NAME], [1, 1], (), [(0, 3, "NAME"), (4, 7, "NAME")]),
        ([NAME, NAME], [1, 0], (1,), [(0, 3, "NAME"), (4, 7, "NAME")]),
        ([NAME, DATE], [1, 0], (), [(0, 3, "NAME"), (4, 7, "DATE")]),
        ([NAME, NOTHING, NAME], [1, 0, 0], (), [(0, 3, "NAME"), (8, 11, "NAME")]),
        ([NOTHING, NOTHING], [1, 1], (), []),
        ([], [], (), []),
    ],
)
def test_neighbours_of_a_label_are_one_span(rows, begins, lines, expected):
    spans = spans_of(reading_of(rows, begins, lines))
    assert [(span.start, span.end, span.label) for span in spans] == expected


def test_a_span_has_the_probability_of_its_surest_unit():
    (span,) = spans_of(reading_of([[0.4, 0.5, 0.1], [0.1, 0.8, 0.1]]))
    assert span.score == pytest.approx(0.9)


@given(arrays(np.float32, (6, 3), elements=st.floats(0.015625, 1, width=32)), st.floats(0, 4), st.floats(0, 4))
def test_a_higher_bias_finds_all_that_a_lower_one_finds(weights, one, other):
    reading = reading_of(weights / weights.sum(axis=1, keepdims=True))
    few, many = (
        {at for span in spans_of(reading, bias) for at in range(span.start, span.end)} for bias in sorted((one, other))
    )
    assert few - {3, 7, 11, 15, 19} <= many  # without the spaces between units


def test_a_unit_has_the_geometric_mean_of_its_pieces():
    values = np.log(np.array([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]], dtype=np.float32))
    found = np.exp(by_unit(values, [range(0, 2), range(2, 3)]))
    np.testing.assert_allclose(found, [[0.75, 0.25], [0.2, 0.8]], atol=1e-6)  # 3 : 1 is the mean of 1 : 1 and 9 : 1


def test_a_unit_without_a_piece_is_an_error_and_not_passed_over():
    with pytest.raises(DeidError, match="1 of 2 words"):
        by_unit(np.zeros((1, 3), dtype=np.float32), [range(0, 1), range(1, 1)])
