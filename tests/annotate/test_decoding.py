"""Spans of token probabilities: a threshold finds exactly its tokens, and runs are divided by the best tags."""

import itertools
from math import log, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.annotate.decoding import ACTIONS, calibrated, found_spans, of_identifier, tags_of

LABELS = 2
TAGS = 1 + LABELS * len(ACTIONS)
BEGIN, INSIDE, LAST, UNIT = range(len(ACTIONS))


def normal(weights: list[list[float]]) -> np.ndarray:
    rows = np.array(weights, dtype=np.float64).reshape(-1, TAGS)
    return rows / rows.sum(axis=1, keepdims=True)


probabilities = st.lists(st.lists(st.floats(0.001, 1), min_size=TAGS, max_size=TAGS), min_size=1, max_size=12).map(
    normal
)
thresholds = st.lists(st.floats(0.05, 0.99), min_size=1, max_size=4)


def tokens(spans) -> set[int]:
    return {token for start, end, *_ in spans for token in range(start, end)}


@given(probabilities, st.floats(0.05, 0.99))
def test_a_threshold_finds_exactly_the_tokens_that_reach_it_each_once(tags, threshold) -> None:
    spans = found_spans(tags, [len(tags)], [threshold])

    assert tokens(spans) == {*np.flatnonzero(of_identifier(tags) >= threshold)}
    assert sum(span.end - span.start for span in spans) == len(tokens(spans))


@given(probabilities, thresholds)
def test_the_spans_of_several_thresholds_whose_score_reaches_one_cover_what_it_finds(tags, levels) -> None:
    spans = found_spans(tags, [len(tags)], levels)

    for level in levels:
        reached = [span for span in spans if span.score >= level]
        assert tokens(reached) == tokens(found_spans(tags, [len(tags)], [level]))


def divisions(length: int):
    """Yield every division of a run into labelled spans."""
    for inner in itertools.product((False, True), repeat=length - 1):
        edges = [0, *(at for at, cut in enumerate(inner, start=1) if cut), length]
        pairs = list(itertools.pairwise(edges))
        for labels in itertools.product(range(LABELS), repeat=len(pairs)):
            yield [(start, end, label) for (start, end), label in zip(pairs, labels, strict=True)]


def likelihood(tags, division) -> float:
    def of(token, label, action):
        return tags[token, 1 + label * len(ACTIONS) + action]

    def of_span(start, end, label):
        if end == start + 1:
            return of(start, label, UNIT)
        inside = prod(of(token, label, INSIDE) for token in range(start + 1, end - 1))
        return of(start, label, BEGIN) * inside * of(end - 1, label, LAST)

    return log(prod(of_span(*span) for span in division))


@given(probabilities.filter(lambda tags: len(tags) <= 5))
def test_a_run_is_divided_in_the_most_probable_way(tags) -> None:
    found = [span[:3] for span in found_spans(tags, [len(tags)], [0.0])]

    best = max(likelihood(tags, division) for division in divisions(len(tags)))
    assert likelihood(tags, found) == pytest.approx(best)


@given(probabilities, st.data())
def test_no_span_crosses_the_end_of_a_document(tags, data) -> None:
    end = data.draw(st.integers(0, len(tags)))

    apart = found_spans(tags[:end], [end], [0.3]), found_spans(tags[end:], [len(tags) - end], [0.3])
    together = found_spans(tags, [end, len(tags)], [0.3])

    shifted = [span._replace(start=span.start + end, end=span.end + end) for span in apart[1]]
    assert [span[:3] for span in together] == [span[:3] for span in [*apart[0], *shifted]]


def test_a_tag_of_probability_0_is_no_error() -> None:
    assert found_spans(np.eye(TAGS)[[1, 1]], [2], [0.5])


def test_no_tokens_have_no_spans() -> None:
    assert found_spans(np.zeros((0, TAGS)), [0, 0], [0.5]) == []


@given(probabilities, st.floats(0.2, 5))
def test_a_temperature_keeps_the_order_of_the_tags_and_a_sum_of_1(tags, temperature) -> None:
    cooler = calibrated(tags, temperature)

    assert cooler.sum(axis=1) == pytest.approx(1)
    first, second = tags[:, :1], tags[:, 1:2]
    assert ((cooler[:, :1] >= cooler[:, 1:2]) == (first >= second)).all()


def test_a_temperature_divides_the_logits() -> None:
    logits = np.array([[1.0, -2.0, 0.5]])

    def softmax(values):
        return np.exp(values) / np.exp(values).sum()

    assert calibrated(softmax(logits), 2.0) == pytest.approx(softmax(logits / 2))


def test_the_tags_are_those_of_biluo() -> None:
    assert tags_of(["NAME"]) == ["O", "B-NAME", "I-NAME", "L-NAME", "U-NAME"]
