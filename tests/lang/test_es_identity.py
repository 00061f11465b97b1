"""Spanish numbers: made and replaced numbers pass the checks of the rules."""

import datetime as dt
import random
import re
from types import SimpleNamespace

import pytest

from spacy_deid.lang.es.identity import is_cip, is_dni, is_nass, is_nie, made, phone, registered, replaced

PERSON = SimpleNamespace(birth=dt.date(1985, 4, 12), gender="f", family="Ruiz", last="Ruiz Gil")


@pytest.mark.parametrize("form", ["12345678Z", "12.345.678-Z", "12345678 - z", "1234567L", "X1234567L", "y-1234567-x"])
def test_a_replaced_number_keeps_its_form_and_has_the_right_letter(form: str) -> None:
    number = replaced(form, 30, random.Random(1))
    assert number is not None
    assert re.sub(r"\d", "9", number[:-1])[1:] == re.sub(r"\d", "9", form[:-1])[1:]
    assert number[-1].islower() == form[-1].islower()
    assert is_dni(number) or is_nie(number)
    assert number != form


@pytest.mark.parametrize("text", ["", "Ana", "12345678", "123456Z", "612 345 678", "A1234567B"])
def test_what_is_neither_dni_nor_nie_is_not_replaced(text: str) -> None:
    assert replaced(text, 0, random.Random(1)) is None


def test_made_numbers_have_the_right_letter_and_some_are_those_of_foreigners() -> None:
    rng = random.Random(1)
    numbers = [made(PERSON, rng) for _ in range(200)]
    foreign = [f"{each['nie']}{each['number']}{each['letter']}" for each in numbers if each["rule"] == "identity_nie"]
    own = [f"{each['number']}{each['letter']}" for each in numbers if each["rule"] == "identity"]
    assert all(map(is_nie, foreign))
    assert all(map(is_dni, own))
    assert 0 < len(foreign) < len(own)


def test_numbers_of_health_services_pass_the_checks_of_the_rules() -> None:
    for seed in range(50):
        parts = registered(PERSON, random.Random(seed))
        assert is_nass(f"{parts['province']} {parts['serial']} {parts['control']}")
        assert is_cip(f"{parts['four_letters']}{parts['yymmdd']}1234")


@pytest.mark.parametrize("text", ["612 345 678", "+34 612345678", "(91) 234 56 78", "0034 91-234-56-78", "34612345678"])
def test_another_telephone_number_keeps_form_and_beginning(text: str) -> None:
    other = phone(text, random.Random(1))
    assert re.sub(r"\d", "9", other) == re.sub(r"\d", "9", text)
    country = "34" in text.replace(" ", "")[:4]
    assert other != text and (not country or "34" in other[:4])
