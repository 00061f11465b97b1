"""Swedish identity numbers: made and replaced numbers pass the checks of the rules."""

import datetime as dt
import random
import re
from types import SimpleNamespace

import pytest

from spacy_deid.lang.sv.identity import is_national_reserve_number, is_personal_number, made, replaced

FORMS = ["850412-2386", "8504122386", "850412 2386", "19850412-2386", "198504122386", "19 850412-2386", "850412+2386"]


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)[-10:]


@pytest.mark.parametrize("form", FORMS)
def test_a_replaced_number_keeps_its_form_and_is_a_test_persons(form: str) -> None:
    number = replaced(form, 30, random.Random(1))
    assert number is not None
    assert re.sub(r"\d", "9", number) == re.sub(r"\d", "9", form)
    assert is_personal_number(number)
    assert digits(number).startswith("850512")
    assert 980 <= int(digits(number)[6:9]) <= 999


@pytest.mark.parametrize(("number", "remainder"), [("850412-2386", 0), ("850412-2394", 1)])
def test_a_replaced_number_keeps_the_gender(number: str, remainder: int) -> None:
    drawn = [replaced(number, 0, random.Random(seed)) for seed in range(20)]
    assert {int(digits(each or "")[8]) % 2 for each in drawn} == {remainder}
    assert len(set(drawn)) > 1


def test_a_samordningsnummer_stays_one() -> None:
    number = replaced("850472-2383", 20, random.Random(1))
    assert number is not None
    assert number.startswith("850562")  # 2 May, and 60 added to the day
    assert is_personal_number(number)


@pytest.mark.parametrize("text", ["851332-2384", "850412", "850412-T123", "Anna", "070-123 45 67", "850493-2384"])
def test_what_has_no_date_of_birth_is_not_replaced(text: str) -> None:
    assert replaced(text, 0, random.Random(1)) is None


def test_made_numbers_are_valid_and_some_are_samordningsnummer() -> None:
    rng = random.Random(1)
    birth = dt.date(1985, 4, 12)
    persons = [SimpleNamespace(birth=birth, gender=gender, years=30) for gender in "fm" * 200]
    parts = [made(person, rng) for person in persons]
    assert all(is_personal_number(part["cc"] + part["yymmdd"] + part["tail"]) for part in parts)
    assert {part["yymmdd"] for part in parts} == {"850412", "850472"}
    assert [int(part["tail"][2]) % 2 for part in parts] == [0, 1] * 200


@pytest.mark.parametrize(("text", "is_one"), [("22460324AB1C", True), ("22461332AB1C", False), ("21120412TF12", True)])
def test_a_national_reserve_number_has_a_date_of_birth_of_a_later_century(text: str, is_one: bool) -> None:
    assert is_national_reserve_number(text) is is_one
