"""The official script's figures for one system on MEDDOCAN's development notes."""

import re

import pytest

from spacy_deid.extensions import CharSpan
from spacy_deid.score.evaluate import Annotated, evaluate_spans


@pytest.fixture(scope="module")
def evaluation(mirror):
    gold, predicted = [], []
    for text in sorted((mirror / "meddocan" / "corpus" / "dev" / "brat").glob("*.txt")):
        gold.append(Annotated(text.read_text("utf8"), brat_spans(text.with_suffix(".ann"))))
        predicted.append(brat_spans(mirror / "meddocan" / "scorer-check" / "system" / f"{text.stem}.ann"))
    return evaluate_spans(gold, predicted)


def brat_spans(ann):
    """Read offsets alone: the system's mentions hold line breaks, which brat does not allow."""
    mentions = re.findall(r"^T\d+\t(\S+) (\d+) (\d+)\t", ann.read_text("utf8"), re.MULTILINE)
    return [CharSpan(int(start), int(end), label) for label, start, end in mentions]


@pytest.mark.parametrize(
    ("measure", "precision", "recall", "f1"),
    [
        ("strict", "0.9480", "0.9341", "0.9410"),
        ("span", "0.9584", "0.9443", "0.9513"),
        ("merged", "0.9665", "0.9535", "0.9600"),
    ],
)
def test_the_official_figures_to_the_last_printed_digit(evaluation, measure, precision, recall, f1):
    shares = [evaluation.scores[f"{measure}_{share}"].value for share in ("precision", "recall", "f1")]
    assert [f"{share:.4f}" for share in shares] == [precision, recall, f1]


def test_every_gold_span_counts_once_in_labels_and_categories(evaluation):
    assert sum(row.support for row in evaluation.labels.values()) == 5801
    assert sum(row.support for row in evaluation.categories.values()) == 5801


def test_running_text_is_harder_than_headers_and_signatures(evaluation):
    assert evaluation.narrative["strict_f1"].high < evaluation.scores["strict_f1"].low
