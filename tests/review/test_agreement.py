"""Two people's reviews of the same notes, compared."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.corpus.note import Note
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.review.agreement import Pair, agreement, cohens_kappa, confusion, pairs


def pair(text, a, b):
    return Pair(text, tuple(CharSpan(*span) for span in a), tuple(CharSpan(*span) for span in b))


def note(text="Anna Ek", spans=(), id="n1"):
    return Note(id, id, text, tuple(CharSpan(*span) for span in spans))


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ([[20, 5], [10, 15]], 0.4),  # (.7 - .5) / (1 - .5)
        ([[45, 15], [25, 15]], 0.06 / 0.46),  # (.60 - .54) / (1 - .54)
        ([[25, 35], [5, 35]], 0.14 / 0.54),  # the same agreement of .60, by chance .46
        ([[3, 0, 0], [0, 4, 0], [0, 0, 5]], 1.0),
        ([[0, 5], [5, 0]], -1.0),
    ],
)
def test_kappa_is_that_of_cases_worked_by_hand(table, kappa):
    assert cohens_kappa(np.array(table)) == pytest.approx(kappa)


def test_kappa_is_that_of_its_definition_on_labels_drawn_at_random():
    rng = np.random.default_rng(0)
    a, b = rng.integers(4, size=(2, 500))
    b = np.where(rng.random(500) < 0.6, a, b)
    table = np.zeros((4, 4), dtype=np.int64)
    np.add.at(table, (a, b), 1)
    by_chance = sum(np.mean(a == label) * np.mean(b == label) for label in range(4))
    assert cohens_kappa(table) == pytest.approx((np.mean(a == b) - by_chance) / (1 - by_chance))


def test_kappa_is_undefined_where_both_put_everything_into_one_class():
    assert np.isnan(cohens_kappa(np.array([[7, 0], [0, 0]])))


def test_characters_other_than_white_space_are_counted_and_the_longest_span_has_them():
    one = pair("Anna Ek 54", [(0, 7, "NAME")], [(0, 4, "NAME"), (5, 10, "AGE"), (5, 7, "NAME")])
    assert confusion(one, ["NAME", "AGE"]).tolist() == [[0, 0, 2], [0, 4, 2], [0, 0, 0]]


def test_a_small_case_worked_by_hand():
    text = "Anna Ek 54"  # 8 characters: a has NAME on 6; b has NAME on 4 and AGE on 2
    result = agreement([pair(text, [(0, 7, "NAME")], [(0, 4, "NAME"), (8, 10, "AGE")])] * 3)
    chance = (6 * 4 + 0 * 2 + 2 * 2) / 64
    assert result["kappa"]["value"] == pytest.approx((4 / 8 - chance) / (1 - chance))
    assert result["kappa"]["low"] == result["kappa"]["high"] == result["kappa"]["value"]  # equal notes
    assert result["strict_f1"]["value"] == 0
    by_chance = (6 * 4 + 2 * 4) / 64
    assert result["categories"]["NAME"]["kappa"]["value"] == pytest.approx((6 / 8 - by_chance) / (1 - by_chance))
    assert (result["categories"]["AGE"]["spans_a"], result["categories"]["AGE"]["spans_b"]) == (0, 3)
    assert set(result["categories"]) == {"NAME", "AGE"}


def test_the_sides_can_change_places():
    compared = [pair("Anna Ek 54", [(0, 7, "NAME")], [(0, 4, "NAME")]), pair("54 Lund", [(0, 2, "AGE")], [])]
    swapped = [Pair(text, b, a) for text, a, b in compared]
    for score in ("kappa", "strict_f1", "span_f1"):
        assert agreement(compared)[score] == pytest.approx(agreement(swapped)[score])


def test_labels_of_one_category_agree():
    a = note(spans=[(0, 7, "NOMBRE_SUJETO_ASISTENCIA")])
    assert agreement(pairs([a], [note(spans=[(0, 7, "NAME")])]))["strict_f1"]["value"] == 1


@pytest.mark.parametrize(
    ("other", "problem"),
    [([], "1 notes are in one file only, 'n1'"), ([note("Anna Ok")], "Note 'n1' has another text")],
)
def test_reviews_of_other_notes_are_an_error(other, problem):
    with pytest.raises(DeidError, match=problem):
        pairs([note()], other)


def test_the_command_writes_scores_and_no_text(tmp_path):
    for name, end in (("a", 7), ("b", 4)):
        record = {"id": "n1", "text": "Anna Ek sover", "spans": [{"start": 0, "end": end, "label": "NAME"}]}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(record))
    out = tmp_path / "agreement.json"
    result = CliRunner().invoke(
        app, ["agreement", *(str(tmp_path / name) for name in ("a.jsonl", "b.jsonl")), str(out)]
    )
    assert result.exit_code == 0, result.output
    assert "NAME" in result.output
    assert "Anna" not in result.output + out.read_text()
    assert "n1" not in out.read_text()
    chance = (6 * 4 + 5 * 7) / 121
    assert json.loads(out.read_text())["kappa"]["value"] == pytest.approx((9 / 11 - chance) / (1 - chance))
