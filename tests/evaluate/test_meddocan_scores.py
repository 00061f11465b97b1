"""The official script's figures for one system on MEDDOCAN's development notes."""

import pytest
import srsly
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.evaluate.measures import Counts, ScoredNote, strict
from spacy_deid.extensions import CharSpan


@pytest.fixture(scope="module")
def metrics(mirror, tmp_path_factory):
    """Both sides converted and scored by the commands; the system's folder holds no texts."""
    folder = tmp_path_factory.mktemp("scores")
    texts, system = mirror / "meddocan" / "corpus" / "dev" / "brat", mirror / "meddocan" / "scorer-check" / "system"
    commands = [
        ["convert", texts, folder / "gold.spacy", "--lang", "es"],
        ["convert", system, folder / "system.spacy", "--lang", "es", "--texts", texts],
        ["evaluate", folder / "system.spacy", folder / "gold.spacy", folder / "metrics.json"],
    ]
    for command in commands:
        result = CliRunner().invoke(app, [*map(str, command), "--quiet"])
        assert result.exit_code == 0, result.output
    return srsly.read_json(folder / "metrics.json")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measure", "precision", "recall", "f1"),
    [
        ("span", "0.9584", "0.9443", "0.9513"),
        ("merged", "0.9665", "0.9535", "0.9600"),
    ],
)
def test_the_official_figures_to_the_last_printed_digit(metrics, measure, precision, recall, f1):
    shares = [metrics["scores"][f"{measure}_{share}"]["value"] for share in ("precision", "recall", "f1")]
    assert [f"{share:.4f}" for share in shares] == [precision, recall, f1]


def annotations(file):
    """Return the spans of a brat file with MEDDOCAN's own labels, which conversion maps to categories."""
    fields = [line.split("\t")[1].split() for line in file.read_text("utf8").splitlines() if line.startswith("T")]
    return frozenset(CharSpan(int(start), int(end), label) for label, start, end in fields)


def test_the_official_strict_figures_on_meddocans_own_labels(mirror):
    corpus, system = mirror / "meddocan" / "corpus" / "dev" / "brat", mirror / "meddocan" / "scorer-check" / "system"
    counts = Counts(0, 0, 0)
    for gold in corpus.glob("*.ann"):
        note = ScoredNote("", annotations(gold), annotations(system / gold.name))
        counts = strict(note).plus(counts)
    assert f"{counts.precision:.4f} {counts.recall:.4f} {counts.f1:.4f}" == "0.9480 0.9341 0.9410"


def test_strict_figures_are_on_categories_and_so_between_those_of_labels_and_of_spans(metrics):
    assert 0.9410 < metrics["scores"]["strict_f1"]["value"] < metrics["scores"]["span_f1"]["value"]


def test_every_gold_span_counts_once_in_labels_and_categories(metrics):
    assert sum(row["support"] for row in metrics["labels"].values()) == 5801
    assert sum(row["support"] for row in metrics["categories"].values()) == 5801


def test_running_text_is_harder_than_headers_and_signatures(metrics):
    assert metrics["narrative"]["strict_f1"]["high"] < metrics["scores"]["strict_f1"]["low"]
