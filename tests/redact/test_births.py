"""With surrogates, the ages and years of birth of a document still agree."""

import re

import pytest

from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse
from spacy_deid.redact.component import DeidRedact
from spacy_deid.redact.policy import read_policy

KEYS = [f"a key of number {number}".encode() for number in range(24)]


def redacted(marked: str, lang: str, key: bytes, policy: str = "surrogate") -> list[str]:
    text, spans = parse(marked)
    doc = fine_blank(lang)(text)
    doc.ents = [doc.char_span(start, end, label) for start, end, label in spans]
    redact = DeidRedact("deid_redact", policy=read_policy(policy), key=key, scope="document", lang=lang)
    return [each[2] for each in redact(doc)._.deid_replacements]


def year(text: str) -> int:
    return int(re.search(r"(?:19|20)\d\d(?!\d\d/)", text)[0])


YEARS_OF_BIRTH = (
    ("sv", "Man <AGE>66</AGE> år (f. <DATE>1957</DATE>), sågs <DATE>2023-04-12</DATE>."),
    ("sv", "Man <AGE>66</AGE> år (f. <DATE>1956</DATE>), sågs <DATE>12/4 2023</DATE>."),
    ("sv", "Född <DATE>1957-03-02</DATE>, <AGE>66</AGE> år. Sågs <DATE>2023-04-12</DATE>."),
    ("sv", "<ID>19570302-9801</ID>, <AGE>66</AGE> år. Sågs <DATE>2023-04-12</DATE>."),
    ("es", "Varón de <AGE>66</AGE> años, nacido en <DATE>1957</DATE>, visto el <DATE>12/04/2023</DATE>."),
    ("es", "Varón de <AGE>66</AGE> años. F. nac.: <DATE>1957</DATE>, visto el <DATE>12/04/2023</DATE>."),
)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("lang", "marked"), YEARS_OF_BIRTH)
def test_the_age_and_the_year_of_birth_agree(lang: str, marked: str, key: bytes) -> None:
    replaced = redacted(marked, lang, key)
    age = next(int(text) for text in replaced if len(text) == 2)
    born, seen = (year(text) for text in replaced if len(text) > 2)
    assert seen - born - age in {0, 1}


@pytest.mark.parametrize("key", KEYS)
def test_no_year_of_birth_stays_what_it_is(key: bytes) -> None:
    for marked in ("f. <DATE>1957</DATE>", "<AGE>66</AGE> år, f. <DATE>1957</DATE>, <DATE>2023-04-12</DATE>"):
        assert "1957" not in redacted(marked, "sv", key)


@pytest.mark.parametrize("key", KEYS[:6])
def test_two_digits_stay_two_and_agree_as_well(key: bytes) -> None:
    age, born, seen = redacted("<AGE>66</AGE> år, född <DATE>-57</DATE>, <DATE>2023-04-12</DATE>", "sv", key)
    assert year(seen) - 1900 - int(born.strip("-")) - int(age) in {0, 1}


@pytest.mark.parametrize("key", KEYS[:6])
def test_a_year_that_was_taken_for_a_number_is_moved_as_a_date(key: bytes) -> None:
    (born,) = redacted("Pat (f. <ID>1957</ID>)", "sv", key)
    assert born in {"1956", "1958"}
