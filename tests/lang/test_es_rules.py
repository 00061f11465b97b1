"""Spanish rules together: what they find, what they leave, and their speed; the examples of each rule are beside it."""

import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.es import dni, nie

from spacy_deid.corpus.formats.brat import read
from spacy_deid.corpus.intake import Intake
from spacy_deid.lang.es.checks import is_date, is_dni, is_nass, is_nie, is_person, is_phone
from spacy_deid.lang.recognizer import load_rules
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse, render

CASES = Path(__file__).parents[1] / "data" / "es_rules"
RULES = load_rules("es")
# deid_merge joins what they find to whole names; a town stands within the name of a street or hospital too
RULES_FOR_PARTS = ("pair_of_names", "listed_first_name", "listed_town")
LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"  # of a DNI, by the rest of its number by 23


def cases(name):
    return [line.replace("\\n", "\n") for line in (CASES / f"{name}.txt").read_text("utf8").splitlines()]


@pytest.fixture(scope="module")
def nlp():
    nlp = fine_blank("es")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge", config={"propagate": False})
    return nlp


def marked(nlp, text):
    return render(text, [(ent.start_char, ent.end_char, ent.label_) for ent in nlp(text).ents])


def matches(text):
    """Return the matches of the rules that are not within a guard."""
    guards = [guard for rule in RULES.guards for guard in rule.find(text)]
    return [
        match
        for rule in RULES.recognizers
        for match in rule.find(text)
        if match.score == 1 or not any(guard.start <= match.start and match.end <= guard.end for guard in guards)
    ]


def found(text):
    return {(text[match.start : match.end], match.label) for match in matches(text)}


@pytest.mark.parametrize("markup", cases("whole_pipeline"))
def test_where_several_rules_find_something_the_pipeline_marks_it_once_and_whole(nlp, markup):
    assert marked(nlp, parse(markup)[0]) == markup


@pytest.mark.parametrize("text", cases("without_identifiers"))
def test_measurements_codes_and_durations_are_no_identifiers(text):
    assert found(text) == set()


@pytest.mark.parametrize(
    ("text", "label"),
    [("Soriano Mora {}; Lobo", "PHONE"), ("NASS {}", "ID")],
)
def test_a_mobile_after_its_country_code_may_be_a_social_security_number_as_well(text, label):
    assert is_nass("34601962965") and is_phone("34601962965")
    assert max(matches(text.format("34601962965")), key=lambda match: match.score).label == label


def test_a_fax_is_no_phone():
    assert found("Fax: 967 596 685") == {("967 596 685", "PHONE")}


def test_a_street_in_lower_case_needs_a_word_before():
    assert ("calle mayor 12", "LOCATION") in found("con domicilio en calle mayor 12 de Toledo")
    assert found("cayó en la calle durante 3 minutos") == set()


def test_both_ends_of_a_span_of_years():
    assert found("Diálisis desde 1980 a 1983, y") == {("1980", "DATE"), ("1983", "DATE")}


@given(st.integers(10**7, 10**8 - 1))
def test_the_letter_of_a_dni(number):
    right = f"{number}{LETTERS[number % 23]}"
    assert is_dni(right) and is_dni(f"{number:,}".replace(",", ".") + "-" + right[-1])
    assert not any(is_dni(f"{number}{letter}") for letter in LETTERS.replace(right[-1], ""))
    assert is_dni(right) == dni.is_valid(right)


@given(st.integers(0, 10**7 - 1), st.sampled_from("XYZ"))
def test_the_letter_of_a_nie(number, first):
    check = nie.calc_check_digit(f"{first}{number:07}")
    assert is_nie(f"{first}-{number:07}-{check}")
    assert not is_nie(f"{first}{number:07}{'A' if check != 'A' else 'B'}")


@given(st.integers(1, 52), st.integers(0, 10**8 - 1))
def test_the_check_digits_of_a_social_security_number(province, serial):
    digits = f"{province:02}{serial:08}"
    body = int(f"{province}{serial:07}") if serial < 10**7 else int(digits)
    assert is_nass(f"{digits[:2]} {digits[2:]} {body % 97:02}")
    assert not is_nass(f"{digits}{(body + 1) % 97:02}")


@pytest.mark.parametrize("text", ["", "x", "²2/1/2019", "31/02/2019", "12/13/2019", "1/1/1850", "12/12", "0/10/2017"])
def test_what_is_no_date(text):
    assert not is_date(text)


@pytest.mark.parametrize("text", ["", "+", "999 999 999", "612", "+999 12345678"])
def test_what_is_no_phone(text):
    assert not is_phone(text)


@given(st.text(max_size=80))
def test_checks_take_any_text(text):
    for check in (is_dni, is_nie, is_nass, is_phone, is_date):
        assert check(text) in (True, False)


@given(st.text(st.sampled_from("aAñ é1/2.-,:;@+º()\n\u200b🙂אC Dr. Edad años "), max_size=60))
def test_spans_lie_in_the_text(text):
    for match in matches(text):
        assert 0 <= match.start < match.end <= len(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "1", "a", "A", " ", "\n", "1 ", "1/", "12-", "a.", "@", "a@", "a@a.", "Aa ", "De la ", "C/ A ", "C/ A a ",
        "Dr. A", "Médico: A",
        "Nombre: a ", "Domicilio: a", "Hospital de ", "síndrome de A ", "6 1", "+34 ", "12 de ", "niña de ", "www.",
        "Av. 1, 1º ", "E-28 ", "é", "\u0301",
    ],
)  # fmt: skip
def test_no_text_makes_a_rule_slow(unit):
    is_person("Aa")  # its dictionary is read once
    text = unit * (100_000 // len(unit))
    started = time.process_time()
    for rule in (*RULES.recognizers, *RULES.guards):
        begun = time.process_time()
        for _ in rule.find(text):
            pass
        assert time.process_time() - begun < 1.5, rule.id
    assert time.process_time() - started < 6


@pytest.mark.slow
def test_precision_and_speed_on_real_notes(meddocan):
    notes = list(read(meddocan / "train" / "brat", Intake()))[:150]
    right, wrong = Counter(), Counter()
    seconds = 0.0
    for note in notes:
        started = time.process_time()
        found_here = matches(note.text)
        seconds += time.process_time() - started
        gold = set(note.spans)
        for match in found_here:
            is_right = (match.start, match.end, match.label) in gold or (
                match.rule in RULES_FOR_PARTS and any(start <= match.start < match.end <= end for start, end, _ in gold)
            )
            (right if is_right else wrong)[match.rule] += 1
    precision = {rule: right[rule] / (right[rule] + wrong[rule]) for rule in right if right[rule] + wrong[rule] >= 50}
    assert len(precision) > 15
    assert {rule: share for rule, share in precision.items() if share < 0.9} == {}
    for rule in ("nass_after_word", "licence", "health_record", "date_numeric", "month_year", "age_after_word"):
        assert precision[rule] >= 0.98, rule
    words = sum(len(note.text.split()) for note in notes)
    assert seconds / words < 40e-6  # 12 microseconds on a quiet machine
