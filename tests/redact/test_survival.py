"""The survival check: a redacted value is found in any of its forms, and a mere likeness fails no document."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.redact.survival import diseases_left, redacted_values, stands_in_name, survivors
from spacy_deid.redact.value_forms import Value
from spacy_deid.redact.value_index import ValueIndex


def surviving(values: list[str], output: str = "", lang: str = "sv", **more) -> list[str]:
    """Return the surviving values, which have no category."""
    return [each.value.text for each in survivors(ValueIndex([Value(value) for value in values], lang), output, **more)]


SURVIVES = [
    # as it was, within a text
    ("Anna Ek", "Ring Anna Ek."),
    ("Bo", "och Bo kom"),
    ("2016", "sedan 2016."),
    ("12/4", "den 12/4."),
    ("84-årig", "en 84-årig man"),
    # case
    ("Anna Ek", "ANNA EK"),
    ("Lindqvist", "lindqvist"),
    ("ANNA", "Anna"),
    ("anna", "Anna"),
    ("Anna", "ANNA"),
    # spaces, hyphens, line breaks
    ("Anna Ek", "Anna\r\n \tEk"),
    ("Anna-Karin", "Anna Karin"),
    ("Anna Karin", "Annakarin"),
    ("Lindqvist", "L i n d q v i s t"),
    ("Anna Ek", "anna_ek.txt"),
    ("a.ek@x.se", "A.EK @ X.SE"),
    # Unicode: composed or not, full width, ligatures, marks and characters without width
    ("Åsa Öberg", unicodedata.normalize("NFD", "Åsa Öberg")),
    (unicodedata.normalize("NFD", "Åsa Öberg"), "ÅSA ÖBERG"),
    ("Anna Ek", "Ａｎｎａ\u00a0Ｅｋ"),
    ("Sofia", "So\ufb01a"),
    ("Anna Ek", "An\u200bna\u2060 E\u00adk"),
    ("Strauß", "STRAUSS"),
    ("İbrahim Ek", "İbrahim Ek".casefold()),  # a dotted capital I: in lower case a letter and a mark
    ("Yıldız", "YILDIZ"),  # an i without a dot, whose capital is that of i
    # the order of a name, the genitive
    ("Anna Ek", "Ek, Anna"),
    ("Ek, Anna Karin", "Anna Karin Ek"),
    ("Anna", "Annas mamma"),
    ("Annas", "Anna"),
    ("Region Skåne", "Region Skånes"),
    ("ABB", "ABB:s"),
    # numbers with any separators, with and without century and country code
    ("850101-1234", "8501011234"),
    ("850101-1234", "19850101 1234"),
    ("19850101-1234", "850101+1234"),
    ("8501011234", "8 5 0 1 0 1 1 2 3 4"),
    ("2023-04-12", "20230412"),
    ("230412", "23.04.12"),
    ("070-123 45 67", "0701234567"),
    ("070-123 45 67", "+46 70 123 45 67"),
    ("+46 (0)70 123 45 67", "070/1234567"),
    ("0046701234567", "+46701234567"),
    ("+34 612 345 678", "612345678"),
    ("031-12 34 56", "+4631123456"),
    ("nhc-150679", "NHC 150679"),
    ("150679", "nhc150679"),
    ("903 21", "903  21"),
]

DOES_NOT = [
    # part of another word or number
    ("Ann", "Anna"),
    ("Lind", "Lindqvist"),
    ("12/4", "112/4"),
    ("2016", "120164"),
    ("230412", "2304125"),
    # short: in every note
    ("M", "M kom"),
    ("2", "2 tabletter"),
    ("45", "45 mg"),
    ("120", "BT 120/80"),
    ("1/2", "1/2 tablett"),
    ("12/4", "kl 12.4"),
    ("12/04", "kl 12.04"),
    ("84-årig", "84 % på luft"),
    # short words that are ordinary ones in lower case, and short stems
    ("Per", "5 mg per dag"),
    ("Hans", "hans hustru"),
    ("Stig", "en stig"),
    ("Bo", "bo kvar"),
    ("AK", "ak"),
    ("Hans", "Han kom"),
    # in another order, or with something between
    ("Anna Ek", "Anna och Ek"),
    ("Anna Maria Ek", "Maria Anna Ek"),
    # nothing to look for
    ("", "text"),
    ("-", "- text"),
    ("\u200b", "text"),
]


@pytest.mark.parametrize(("value", "output"), SURVIVES)
def test_a_value_survives_in_any_form(value: str, output: str) -> None:
    assert surviving([value], output) == [value]


@pytest.mark.parametrize(("value", "output"), DOES_NOT)
def test_what_is_only_alike_does_not_count(value: str, output: str) -> None:
    assert surviving([value], output) == []


IN_NAMES = [
    # case, also of the shortest
    ("Anna", "anna.txt"),
    ("Anna", "login anna"),
    ("Per", "per/1.txt"),
    ("Bo", "BO"),
    ("Bo", "bo"),
    ("AK", "ak_2.csv"),
    ("Åsa", "a\u030asa"),
]
NOT_IN_NAMES = [("Ann", "anna.txt"), ("Bo", "bok"), ("M", "m"), ("45", "45.txt"), ("12/4", "kl 12.4"), ("120", "120")]


@pytest.mark.parametrize(("value", "name"), IN_NAMES)
def test_in_names_case_says_nothing(value: str, name: str) -> None:
    assert stands_in_name(ValueIndex([Value(value)], "sv"), name)


@pytest.mark.parametrize(("value", "name"), NOT_IN_NAMES)
def test_what_is_only_alike_does_not_count_in_names(value: str, name: str) -> None:
    assert not stands_in_name(ValueIndex([Value(value)], "sv"), name)


def test_nothing_is_allowed_beside_the_text() -> None:
    beside = [("date", "column 2")]
    assert surviving(["DATE"], "[DATE]", allowed=["[DATE]", "[DATE]"], beside=beside) == ["DATE"]


def test_all_survivors_are_told_of() -> None:
    values = ["Anna Ek", "Bo Berg", "850101-1234"]
    assert surviving(values, "ek, anna 8501011234") == ["Anna Ek", "850101-1234"]


@pytest.mark.parametrize(
    ("value", "output", "replacements", "expected"),
    [
        ("DATE", "[DATE] och [DATE]", ["[DATE]", "[DATE]"], 0),
        ("2023-04-15", "2023-04-15", ["2023-04-15"], 0),
        ("2023-04-15", "2023-04-15, 20230415", ["2023-04-15"], 1),
        ("DATE", "[DATE]. Date", ["[DATE]"], 1),
        ("Anna", "[NAME_1] Anna", ["[NAME_1]"], 1),
    ],
)
def test_replacements_may_hold_a_value_as_often_as_they_stand_there(
    value: str, output: str, replacements: list[str], expected: int
) -> None:
    assert len(surviving([value], output, allowed=replacements)) == expected


@pytest.mark.parametrize(
    ("lang", "markup", "survives"),
    [
        ("sv", "Dr <NAME>Sjögren</NAME>: Sjögrens syndrom sedan 2019", False),
        ("sv", "Dr <NAME>Sjögren</NAME>: Sjögrens syndrom, Sjögrens syndrom", False),
        ("es", "Dr. <NAME>Sjögren</NAME>: síndrome de Sjögren", False),
        # the person beside the disease
        ("sv", "Dr <NAME>Sjögren</NAME>: Sjögrens syndrom, kontakta Sjögren", True),
        ("sv", "Dr <NAME>Sjögren</NAME>: Sjögrens remiss", True),
        ("sv", "Dr <NAME>Sjögren</NAME>: Sjögrens", True),
        ("sv", "Dr <NAME>Sjögren</NAME>: SJÖGRENS SYNDROM", True),
        ("sv", "Dr <NAME>Thomas</NAME>: Thomas test", True),
        # what else the disease holds of a name, and languages that list none
        ("sv", "Dr <NAME>Anna Sjögren</NAME>: Anna Sjögrens syndrom", True),
        ("sv", "Dr <NAME>Berg</NAME>: Bergs syndrom", True),
        ("en", "Dr <NAME>Sjögren</NAME>: Sjögrens syndrom", True),
    ],
)
def test_a_disease_with_the_name_of_a_person_may_stay(lang, markup, survives, with_entities) -> None:
    nlp = fine_blank(lang)
    nlp.add_pipe("deid_redact")
    doc = nlp(with_entities(nlp, markup))
    replacements = [each.text for each in doc._.deid_replacements]
    values = ValueIndex(redacted_values(doc), lang)
    found = survivors(values, doc._.deid_text, allowed=[*replacements, *diseases_left(doc, lang)])
    assert bool(found) == survives


@given(
    value=st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x17F), min_size=6),
    before=st.text(),
    after=st.text(),
    form=st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]),
    change=st.sampled_from([str, str.upper, str.casefold, str.swapcase]),
)
def test_any_longer_value_is_seen_in_any_text(value, before, after, form, change) -> None:
    output = f"{before} {unicodedata.normalize(form, change(value))} {after}"
    assert surviving([value], output) == [value]


@pytest.mark.slow
def test_the_time_grows_with_the_length_and_not_with_its_product_with_the_values() -> None:
    def seconds(times: int) -> float:
        values = [f"1985{number:04}-{number:04}" for number in range(100 * times)]
        output = "".join(f"Patienten {number} kom till mottagningen. " for number in range(1000 * times))
        start = time.process_time()
        assert surviving(values, output) == []
        return time.process_time() - start

    # ten times as much of both: a hundred times as long if they were multiplied; the least of several, since what else
    # the machine does, and the collection of garbage that other tests left, only add to it
    few, many = (min(seconds(times) for _ in range(5)) for times in (2, 20))
    assert many < 60 * few


# --- which values were redacted


def doc_of(markup: str, with_entities, **settings: object):
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_redact", config=settings)
    return nlp(with_entities(nlp, markup))


def texts_of(doc) -> list[str]:
    return [value.text for value in redacted_values(doc)]


NOTE = "<NAME>Anna</NAME>, <AGE>78 år</AGE>, <AGE>93 år</AGE>, <LOCATION>Skåne</LOCATION>, <NAME>Anna</NAME>"


def test_the_redacted_values_are_those_the_policy_did_not_keep(with_entities) -> None:
    assert texts_of(doc_of(NOTE, with_entities)) == ["Anna", "78 år", "93 år", "Skåne"]
    assert texts_of(doc_of(NOTE, with_entities, policy="hipaa-safe-harbor")) == ["Anna", "93 år", "Skåne"]
    assert texts_of(doc_of(NOTE, with_entities, mode="generalise")) == ["Anna", "78 år", "93 år"]
    assert texts_of(doc_of(NOTE, with_entities, mode="keep")) == []


@pytest.mark.parametrize(
    ("date", "values"),
    [
        ("den 12 april 2023", ["den 12 april 2023", "12 april 2023"]),
        ("Torsdagen den 2023-04-12", ["Torsdagen den 2023-04-12", "den 2023-04-12", "2023-04-12"]),
        ("el 12 de abril", ["el 12 de abril", "12 de abril"]),
        ("i april 2023", ["i april 2023", "april 2023"]),
        ("den 20230412", ["den 20230412", "20230412"]),
        # no more than a day or a year would be left, or no date
        ("den 12", ["den 12"]),
        ("april 2023", ["april 2023"]),
        ("på tisdag", ["på tisdag"]),
        ("2023-04-12", ["2023-04-12"]),
    ],
)
def test_a_date_is_looked_for_without_the_words_before_it(date, values, with_entities) -> None:
    assert texts_of(doc_of(f"<DATE>{date}</DATE> kom", with_entities)) == values


@pytest.mark.slow
def test_a_value_that_its_surrogate_equals_is_no_choice_of_the_policy(with_entities) -> None:
    doc = doc_of("<NAME>Anna</NAME>", with_entities, mode="surrogate")
    doc._.deid_replacements = [each._replace(text="Anna") for each in doc._.deid_replacements]
    assert texts_of(doc) == ["Anna"]


def test_a_doc_that_nobody_redacted_is_refused() -> None:
    with pytest.raises(DeidError, match="deid_redact"):
        redacted_values(fine_blank("sv")("Anna"))
