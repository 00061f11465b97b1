"""Round trip: the figures of a pipeline whose annotations are known in advance."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.corpus.formats.docbin import write
from spacy_deid.evaluate.round_trip import row_of
from spacy_deid.extensions import CharSpan
from spacy_deid.lang.tokenization import fine_blank


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Finds "Anna", "avd 3" and masks of names, but no masks of units; "]" beside a mask is one of its mistakes."""
    nlp = fine_blank("sv")
    masked = [{"ORTH": "NAME"}, {"ORTH": "]"}]
    patterns = [("NAME", "Anna"), ("CARE_UNIT", "avd 3"), ("NAME", masked), ("ID", "kvar")]
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": pattern} for label, pattern in patterns])
    nlp.to_disk(tmp_path / "model")
    return tmp_path / "model"


def test_found_lost_and_new_entities_are_counted_by_category(model: Path, tmp_path: Path) -> None:
    texts = ["Anna på avd 3", "NAME] Anna", "inget"]
    docs = [fine_blank("sv")(text) for text in texts]
    for number, doc in enumerate(docs):
        doc._.deid_id, doc._.deid_gold = str(number), []
    write(docs, tmp_path / "notes.spacy")
    out = tmp_path / "reread.json"
    options = ["--mode", "mask", "--quiet"]
    arguments = ["evaluate-reread", str(model), str(tmp_path / "notes.spacy"), str(out), *options]

    assert CliRunner().invoke(app, arguments, catch_exceptions=False).exit_code == 0

    result = json.loads(out.read_text("utf8"))
    # the brackets do not count: "NAME]" is the letters of "[NAME]"
    assert result["categories"]["NAME"]["entities"] == 3
    assert result["categories"]["NAME"]["found_again"]["value"] == 1
    assert result["categories"]["CARE_UNIT"]["found_again"]["value"] == 0
    assert result["all"]["entities"] == 4
    assert result["all"]["found_again"]["value"] == 0.75
    assert result["all"]["overlapped"]["value"] == 0.75
    assert result["all"]["new"]["value"] == 0
    assert not any(word in out.read_text("utf8") for word in ("Anna", "avd 3"))


@pytest.mark.parametrize(
    ("after", "found_again", "overlapped"),
    [
        ([(0, 4, "NAME"), (5, 7, "NAME")], 1.0, 1.0),
        ([(0, 7, "NAME")], 0.0, 1.0),  # two names read as one
        ([(0, 4, "NAME"), (5, 7, "DATE")], 0.5, 0.5),
        ([(0, 4, "NAME"), (7, 9, "NAME")], 0.5, 0.5),  # beside is not over
        ([], 0.0, 0.0),
    ],
)
def test_an_entity_with_moved_boundaries_is_overlapped_and_not_found_again(
    after, found_again: float, overlapped: float
) -> None:
    before = frozenset({CharSpan(0, 4, "NAME"), CharSpan(5, 7, "NAME")})
    row = row_of([before], [frozenset(CharSpan(*span) for span in after)], seed=0)
    assert row["found_again"]["value"] == found_again
    assert row["overlapped"]["value"] == overlapped
