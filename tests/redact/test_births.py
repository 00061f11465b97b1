"""With surrogates, ages and dates of birth of a document still agree."""

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse
from spacy_deid.redact.modes.surrogate import Surrogate
from spacy_deid.redact.replacer import Scope, identifiers_of

KEYS = [f"key {number}".encode() for number in range(12)]


def surrogates(marked: str, lang: str, key: bytes) -> list[str]:
    text, spans = parse(marked)
    doc = fine_blank(lang)(text)
    doc.ents = [doc.char_span(start, end, label) for start, end, label in spans]
    return Surrogate()(identifiers_of(doc), doc, Scope(key, "document 1", lang))


def number(text: str) -> int:
    return int(re.search(r"\d+", text)[0])


YEARS_OF_BIRTH = (
    ("sv", "Man <AGE>66</AGE> år (f. <DATE>1957</DATE>), sågs <DATE>2023-04-12</DATE>."),
    ("sv", "Man <AGE>66</AGE> år (f. <ID>1957</ID>), sågs <DATE>2023-04-12</DATE>."),
    ("sv", "Man <AGE>66</AGE> år, född <DATE>1957-03-02</DATE>, sågs <DATE>2023-04-12</DATE>."),
    ("sv", "Man <AGE>66</AGE> år, <ID>19570302-9801</ID>, sågs <DATE>2023-04-12</DATE>."),
    ("es", "Varón de <AGE>66</AGE> años, nacido en <DATE>1957</DATE>, visto el <DATE>12/04/2023</DATE>."),
    (
        "es",
        "Varón de <AGE>66</AGE> años. Fecha de nacimiento: <DATE>02/03/1957</DATE>, visto el <DATE>12/04/2023</DATE>.",
    ),
)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("lang", "marked"), YEARS_OF_BIRTH)
def test_the_age_and_the_year_of_birth_agree(lang: str, marked: str, key: bytes) -> None:
    age, born, seen = surrogates(marked, lang, key)
    year = int(re.search(r"(?:19|20)\d\d", born)[0])
    years = int(re.search(r"20\d\d", seen)[0]) - year
    assert number(age) != 66
    assert years in {number(age), number(age) + 1}


@pytest.mark.parametrize("key", KEYS)
def test_two_digits_mean_the_year_of_birth_as_four_do(key: bytes) -> None:
    _, short, identity, full = surrogates(
        "<AGE>66</AGE> år, f. <DATE>570302</DATE>, <ID>570302-9801</ID>, född <DATE>1957-03-02</DATE>.", "sv", key
    )
    assert short == identity[:6] == full[2:].replace("-", "")


@pytest.mark.parametrize("key", KEYS)
def test_a_date_of_birth_is_the_same_wherever_it_stands(key: bytes) -> None:
    _, first, second = surrogates(
        "<AGE>66</AGE> år, född <DATE>1957-03-02</DATE>. Folkbokförd sedan <DATE>2/3 1957</DATE>.", "sv", key
    )
    day, month, year = map(int, re.findall(r"\d+", second))
    assert dt.date.fromisoformat(first) == dt.date(year, month, day)


@given(age=st.integers(5, 120), key=st.binary(min_size=1))
def test_ages_stay_near_and_none_tells_of_more_than_89_years(age: int, key: bytes) -> None:
    (new,) = surrogates(f"<AGE>{age}</AGE> år", "sv", key)
    if new == "[AGE]":  # 89 where the original is 89
        assert age == 89
    else:
        assert number(new) != age
        assert number(new) == 89 if age > 92 else abs(number(new) - age) <= 3
