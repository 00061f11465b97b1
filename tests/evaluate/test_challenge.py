"""Difficult cases are scored by kind, and decisions on near-identical variants are compared character by character."""

import json
from pathlib import Path
from random import Random

import pytest
import spacy
from typer.testing import CliRunner

from spacy_deid import markup
from spacy_deid.cli import app
from spacy_deid.errors import DeidError
from spacy_deid.evaluate.challenge import challenge, read_cases
from spacy_deid.evaluate.consistency import (
    CHANGES,
    Alike,
    alike,
    changed,
    line_breaks,
    other_identifiers,
    typing_errors,
)
from spacy_deid.evaluate.evaluate import Annotated
from spacy_deid.extensions import CharSpan

ASSETS = Path(__file__).parents[2] / "assets" / "challenge"
KINDS = {
    *("unusual_names", "foreign_names", "names_that_are_words", "over_two_lines", "odd_forms", "ocr", "speech"),
    *("dense_lists", "nothing", "instructions", "invisible"),
}
NAMES = "<NAME>Aune</NAME> kom hit idag.\n---\n<NAME>Otso</NAME> kom\nhit <DATE>i maj</DATE>.\n"
NOTHING = "Hon har ont i magen.\n---\nOnt vid maj-\nmen.\n"
NOTE = Annotated(*markup.parse("Igår kom <NAME>Anna Lindqvist</NAME> hit från <LOCATION>Falun</LOCATION> med hosta."))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "names.txt").write_text(NAMES, "utf8")
    (folder / "nothing.txt").write_text(NOTHING, "utf8")
    return folder


@pytest.fixture
def nlp():
    """Finds the name Aune, and the word magen by mistake."""
    nlp = spacy.blank("sv")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "NAME", "pattern": word} for word in ("Aune", "magen")])
    return nlp


def test_a_file_of_cases_is_a_kind_and_a_case_may_have_several_lines(folder):
    cases = read_cases(folder)
    assert [case.kind for case in cases] == ["names", "names", "nothing", "nothing"]
    text, spans = cases[1].note
    assert text == "Otso kom\nhit i maj."
    assert [text[start:end] for start, end, _ in spans] == ["Otso", "i maj"]


def test_an_invisible_character_is_written_as_its_code(folder):
    (folder / "names.txt").write_text("Pat <NAME>An\\u200bna</NAME>", "utf8")
    assert read_cases(folder)[0].note == ("Pat An\u200bna", [CharSpan(4, 9, "NAME")])


def test_malformed_markup_is_an_error_with_file_and_case_and_without_text(folder):
    (folder / "names.txt").write_text("Hej.\n---\nPat <NAME>Aune kom.\n", "utf8")
    with pytest.raises(DeidError, match=r"names\.txt, case 2: .*never closed") as caught:
        read_cases(folder)
    assert "Aune" not in str(caught.value)


def test_a_folder_without_cases_is_an_error(tmp_path):
    with pytest.raises(DeidError, match="has no cases"):
        read_cases(tmp_path)


def test_each_kind_has_its_own_figures(folder, nlp):
    kinds = challenge(nlp, read_cases(folder), quiet=True)["kinds"]
    names, nothing = kinds["names"], kinds["nothing"]
    assert names["cases"] == nothing["cases"] == 2
    # Aune is found; Otso and "i maj" are not
    assert names["character_recall"]["value"] == pytest.approx(4 / 12, abs=1e-5)
    assert names["over_redaction"]["value"] == 0
    assert names["wholly_right"] == {"value": 0.5, "low": 0, "high": 1}
    assert nothing["character_recall"]["value"] is None
    # "magen" of one case is redacted for nothing
    assert nothing["over_redaction"]["value"] == pytest.approx(5 / 30, abs=1e-5)
    assert nothing["wholly_right"]["value"] == 0.5


def test_a_pipeline_that_knows_one_name_is_consistent_but_for_other_names(folder, nlp):
    found = challenge(nlp, read_cases(folder), quiet=True)["consistency"]
    assert found.keys() == CHANGES.keys()
    assert found["line_breaks"]["whole_cases"]["value"] == 1
    others = found["other_identifiers"]
    assert others["cases"] == 2  # the cases without identifiers do not change
    assert others["inside"]["value"] == pytest.approx(8 / 12, abs=1e-5)  # Aune is found, her other name is not
    assert others["outside"]["value"] == 1
    assert others["whole_cases"]["value"] == 0.5


def test_without_a_changed_case_consistency_is_undefined(folder, nlp):
    (folder / "names.txt").unlink()
    others = challenge(nlp, read_cases(folder), quiet=True)["consistency"]["other_identifiers"]
    assert others["cases"] == 0
    assert others["inside"]["value"] is None


def test_the_same_seed_gives_the_same_figures(folder, nlp):
    cases = read_cases(folder)
    assert challenge(nlp, cases, 7, quiet=True) == challenge(nlp, cases, 7, quiet=True)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_rewrites_the_whole_text_piece_by_piece(name):
    variants = set()
    for seed in range(20):
        pairs = CHANGES[name](NOTE, "sv", Random(seed))
        assert "".join(old for old, _ in pairs) == NOTE.text
        assert all(old and new for old, new in pairs)
        variants.add(changed(pairs))
    assert len(variants) > 5


def test_other_line_breaks_change_white_space_only():
    for seed in range(20):
        assert changed(line_breaks(NOTE, "sv", Random(seed))).split() == NOTE.text.split()


def test_typing_errors_leave_most_words_as_they_are():
    pairs = [pair for seed in range(50) for pair in typing_errors(NOTE, "sv", Random(seed)) if pair[0].isalnum()]
    mistyped = sum(old != new for old, new in pairs) / len(pairs)
    assert 0.03 < mistyped < 0.15


def test_a_typing_error_moves_no_decision_to_a_punctuation_mark():
    case = Annotated("Ek Anna, kom.", [CharSpan(3, 7, "NAME")])
    for seed in range(100):
        pairs = typing_errors(case, "sv", Random(seed))
        end = changed(pairs).index(",")
        assert alike(case, pairs, case.spans, [CharSpan(3, end, "NAME")]) == Alike(4, 4, 7, 7)


def test_other_identifiers_leave_the_rest_as_it_is():
    pairs = other_identifiers(NOTE, "sv", Random(1))
    assert [new for old, new in pairs if old == new and old != "Falun"] == ["Igår kom ", " hit från ", " med hosta."]
    assert dict(pairs)["Anna Lindqvist"] != "Anna Lindqvist"


def test_decisions_are_compared_through_the_change():
    case = Annotated("Bo Ek kom", [CharSpan(0, 5, "NAME")])
    pairs = [("Bo Ek", "Karin Ström"), (" kom", " kom")]
    whole = alike(case, pairs, [CharSpan(0, 5, "NAME")], [CharSpan(0, 11, "NAME")])
    assert whole == Alike(inside=4, inside_alike=4, outside=3, outside_alike=3)
    # the surname is left, and "kom" redacted, after the change only
    other = alike(case, pairs, [CharSpan(0, 5, "NAME")], [CharSpan(0, 5, "NAME"), CharSpan(12, 15, "NAME")])
    assert other == Alike(inside=4, inside_alike=2, outside=3, outside_alike=0)


def test_the_command_prints_each_kind_and_writes_no_text(folder, nlp, tmp_path):
    nlp.to_disk(tmp_path / "model")
    out = tmp_path / "challenge.json"
    result = CliRunner().invoke(app, ["challenge", str(tmp_path / "model"), str(out), "--cases", str(folder)])
    assert result.exit_code == 0, result.output
    assert "nothing" in result.output
    assert "other identifiers" in result.output
    written = out.read_text("utf8")
    assert json.loads(written)["cases"]["number"] == 4
    assert not [word for word in ("Aune", "Otso", "magen") if word in written + result.output]


def test_an_operating_point_needs_a_calibrated_pipeline(folder, nlp, tmp_path):
    nlp.to_disk(tmp_path / "model")
    arguments = ["challenge", str(tmp_path / "model"), str(tmp_path / "out.json"), "--cases", str(folder)]
    result = CliRunner().invoke(app, [*arguments, "--operating-point", "careful"])
    assert result.exit_code == 1
    assert "deid_merge" in result.output


@pytest.mark.parametrize("lang", ["sv", "es"])
def test_the_cases_of_a_language_are_of_every_kind_and_at_least_eighty(lang):
    cases = read_cases(ASSETS / lang)
    assert {case.kind for case in cases} == KINDS
    assert len(cases) >= 80
    assert all(bool(case.note.spans) == (case.kind != "nothing") for case in cases)
    assert len({case.note.text for case in cases}) == len(cases)


@pytest.mark.parametrize("lang", ["sv", "es"])
def test_the_cases_have_the_difficulty_of_their_kind(lang):
    by_kind = {kind: [case.note for case in read_cases(ASSETS / lang) if case.kind == kind] for kind in KINDS}
    assert all(any("\n" in text[start:end] for start, end, _ in spans) for text, spans in by_kind["over_two_lines"])
    assert all(not text.isprintable() or "\u0308" in text for text, _ in by_kind["invisible"])
    assert all(len(spans) >= 5 for _, spans in by_kind["dense_lists"])
