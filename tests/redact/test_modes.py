"""The replacement of a value by each mode: tables of values."""

import datetime as dt
import re

import pytest
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.redact.modes.band import Band
from spacy_deid.redact.modes.generalise import Generalise
from spacy_deid.surrogates.identifier import Identifier, Scope

DOC = fine_blank("sv")("")
THIS_YEAR = dt.date.today().year


def replaced(replacer, text: str, category: str, lang: str = "sv") -> str:
    (result,) = replacer([Identifier(0, len(text), text, category, category)], DOC, Scope(b"key", "scope", lang))
    return result


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("", ""),
        ("Inga fynd.", "Inga fynd."),
        ("<NAME>Anna Ek</NAME>", "[NAME]"),
        ("Pat <NAME>Anna</NAME><DATE>12/4</DATE>, åter <DATE>v. 34</DATE>", "Pat [NAME][DATE], åter [DATE]"),
        ("Dr <NOMBRE_PERSONAL_SANITARIO>Ruiz</NOMBRE_PERSONAL_SANITARIO>\r\n", "Dr [NAME]\r\n"),
    ],
)
def test_mask(redacted, markup: str, expected: str) -> None:
    assert redacted(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<NAME>Anna Ek</NAME>, <NAME>Bo Lind</NAME>, <NAME>ANNA  EK</NAME>", "[NAME_1], [NAME_2], [NAME_1]"),
        ("<NAME>Ek, Anna</NAME>: <NAME>Anna</NAME>, <NAME>Eks</NAME>", "[NAME_1]: [NAME_1], [NAME_1]"),
        (
            "<EMAIL>x@y.se</EMAIL> <NAME>Anna Ek</NAME> <EMAIL>anna.ek@y.se</EMAIL>",
            "[EMAIL_1] [NAME_2] [EMAIL_2]",
        ),
        ("<ID>780412-1234</ID> <ID>7804121234</ID> <PHONE>0701</PHONE>", "[ID_1] [ID_1] [PHONE_1]"),
        ("<ID>19780412-1234</ID> <ID>7804121234</ID> <ID>0012</ID> <ID>12</ID>", "[ID_1] [ID_1] [ID_2] [ID_3]"),
        ("<PHONE>+46 70 174 06 12</PHONE> <PHONE>070-174 06 12</PHONE>", "[PHONE_1] [PHONE_1]"),
        ("<DATE>1-11</DATE> <DATE>11-1</DATE>", "[DATE_1] [DATE_2]"),
        (
            "<DATE>1985-04-12</DATE> <DATE>den 12 april\n1985</DATE> <DATE>12/4 1985</DATE>",
            "[DATE_1] [DATE_1] [DATE_1]",
        ),
        ("<DATE>1985-04-12</DATE> <DATE>1885-04-12</DATE> <DATE>12 april</DATE>", "[DATE_1] [DATE_2] [DATE_3]"),
        ("<ID>-</ID> <ID>+</ID>", "[ID_1] [ID_2]"),
    ],
)
def test_index(redacted, markup: str, expected: str) -> None:
    assert redacted(markup, mode="index") == expected


def test_numbers_start_anew_in_each_document() -> None:
    nlp = fine_blank("sv")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "LOCATION", "pattern": place} for place in ("Umeå", "Lund")])
    nlp.add_pipe("deid_redact", config={"mode": "index", "scope": "project"})
    texts = [doc._.deid_text for doc in nlp.pipe(["Umeå, Lund", "Lund, Umeå"])]
    assert texts == ["[LOCATION_1], [LOCATION_2]"] * 2


def test_hash(redacted, key_file, tmp_path) -> None:
    markup = "<NAME>Anna Ek</NAME>|<NAME>anna ek</NAME>|<NAME>Bo Ek</NAME>|<OTHER>Anna Ek</OTHER>"
    first, again, other, of_other_category = redacted(markup, mode="hash", key=key_file, scope="project").split("|")
    assert re.fullmatch(r"\[NAME_[0-9a-f]{10}\]", first)
    assert first == again != other
    assert of_other_category != first.replace("NAME", "OTHER")


# --- band


@pytest.mark.parametrize(
    ("age", "banded"),
    [
        ("78-årig", "[70-79]-årig"),
        ("78 år", "[70-79] år"),
        ("70", "[70-79]"),
        ("69 år", "[60-69] år"),
        ("0 år", "[0-9] år"),
        ("89 år", "[80-89] år"),
        ("90 år", "[90+] år"),
        ("104-årige", "[90+]-årige"),
        ("2 år och 3 mån", "[0-9] år och [0-9] mån"),
        ("2,5 år gammal", "[0-9] år gammal"),
        ("2½ år", "[0-9] år"),
        ("2 1/2 år", "[0-9] år"),
        ("18 månader", "[10-19] månader"),
        ("٧٨ år", "[70-79] år"),  # digits of any script
        # what tells more than an age, or tells it in words
        ("sjuttioåttaårig", "[AGE]"),
        ("Anna, 78 år", "[AGE]"),
        ("1931-02-03", "[AGE]"),
        ("12-4", "[AGE]"),
        ("12/4", "[AGE]"),
        ("år", "[AGE]"),
        ("?", "[AGE]"),
        ("78 years", "[AGE]"),
    ],
)
def test_band(age: str, banded: str) -> None:
    assert replaced(Band(), age, "AGE") == banded


def test_band_in_spanish() -> None:
    assert replaced(Band(), "46 años de edad", "AGE", "es") == "[40-49] años de edad"


def test_band_without_words_of_the_language() -> None:
    assert replaced(Band(), "46", "AGE", "xx") == "[40-49]"
    assert replaced(Band(), "46 år", "AGE", "xx") == "[AGE]"


@pytest.mark.parametrize(
    ("width", "age", "banded"), [(1, "78", "78"), (1, "89", "89"), (1, "90", "[90+]"), (25, "78", "[75-89]")]
)
def test_width_of_bands(width: int, age: str, banded: str) -> None:
    assert replaced(Band(width), f"{age} år", "AGE") == f"{banded} år"


def test_band_masks_other_categories() -> None:
    assert replaced(Band(), "78", "PHONE") == "[PHONE]"


# --- generalise


@pytest.mark.parametrize(
    ("place", "general"),
    [
        ("Umeå", "Västerbotten"),
        ("UMEÅ", "Västerbotten"),
        ("Västerbotten", "Västerbotten"),
        ("Storgatan 3, Umeå", "[LOCATION]"),
        ("Umeågatan", "[LOCATION]"),
        ("Kina", "[LOCATION]"),
    ],
)
def test_a_town_becomes_its_region(place: str, general: str) -> None:
    assert replaced(Generalise(), place, "LOCATION") == general


def test_a_town_of_no_language_is_masked() -> None:
    assert replaced(Generalise(), "Umeå", "LOCATION", "xx") == "[LOCATION]"


@pytest.mark.parametrize(
    ("date", "general"),
    [
        ("2023-04-12", "2023"),
        ("den 12 april 2023", "2023"),
        ("2023", "2023"),
        ("12/4-23", "2023"),
        ("230412", "2023"),
        ("20230412", "2023"),
        ("12/4 -99", "1999"),
        # no year, or more than one
        ("12/4", "[DATE]"),
        ("fredag", "[DATE]"),
        ("2019 och 2023", "[DATE]"),
        ("år 123", "[DATE]"),
    ],
)
def test_a_date_becomes_its_year(date: str, general: str) -> None:
    assert replaced(Generalise(), date, "DATE") == general


@pytest.mark.parametrize(
    ("year", "told"), [(THIS_YEAR + 1, False), (THIS_YEAR, True), (THIS_YEAR - 89, True), (THIS_YEAR - 90, False)]
)
def test_a_year_does_not_tell_an_age_above_89(year: int, told: bool) -> None:
    assert replaced(Generalise(), f"{year}-02-03", "DATE") == (str(year) if told else "[DATE]")


def test_generalise_masks_other_categories() -> None:
    assert replaced(Generalise(), "Umeå", "CARE_UNIT") == "[CARE_UNIT]"


@pytest.mark.parametrize("width", [0, -1, 2.5, "10", True])
def test_a_width_must_be_a_whole_number(width) -> None:
    with pytest.raises(DeidError, match="width"):
        Band(width)


# --- the command


def test_the_command_masks_what_the_rules_find(tmp_path) -> None:
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    nlp.to_disk(tmp_path / "rules")
    (tmp_path / "note.txt").write_text("Nås på anna.ek@example.se, dosen är 5 mg.", "utf8")
    result = CliRunner().invoke(app, ["mask", str(tmp_path / "rules"), str(tmp_path / "note.txt")])
    assert result.exit_code == 0
    assert result.output == "Nås på [EMAIL], dosen är 5 mg.\n"


def test_an_absent_pipeline_is_named(tmp_path) -> None:
    (tmp_path / "note.txt").write_text("Inga fynd.", "utf8")
    result = CliRunner().invoke(app, ["mask", "deid_absent", str(tmp_path / "note.txt")])
    assert result.exit_code == 1
    assert "deid_absent" in result.output
