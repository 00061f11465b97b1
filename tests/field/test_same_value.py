"""The promise: a redacted value that is still in the output, in any of its forms, fails its document.

A mere likeness does not: ordinary words, doses and other numbers fail no document.
"""

import pytest

from spacy_deid.redact.survival import stands_in_name, survivors
from spacy_deid.redact.value_forms import Value
from spacy_deid.redact.value_index import ValueIndex

NAME, DATE, ID = "NAME", "DATE", "ID"


def index(category: str, value: str, lang: str = "sv") -> ValueIndex:
    return ValueIndex([Value(value, category)], lang)


IN_THE_TEXT = [
    # parts of a name
    (NAME, "Karin Lindqvist", "Lindqvist ringde igen."),
    (NAME, "Karin Lindqvist", "Ring lindqvist."),
    (NAME, "lindqvist", "Lindqvist ringde."),
    (NAME, "El Ahmad", "El Ahmad ringde."),
    (NAME, "Karin Lindqvist", "Karins mor ringde."),
    (NAME, "Karin Ek", "Anhörig till Ek ringde."),
    (NAME, "Ek, Bo", "Hustrun till Bo ringde."),
    (NAME, "José Luis García de la Torre", "Habla García."),
    (NAME, "Dr Lindqvist", "Lindqvist ringde."),
    # accents, wrapped words, what markup and URLs write in ASCII
    (NAME, "Åsa Öberg", "ASA OBERG"),
    (NAME, "Åsa Öberg", "Ring Oberg."),
    (NAME, "Lindqvist", "Lind-\nqvist"),
    (NAME, "Åsa Öberg", "&Aring;sa &Ouml;berg"),
    (NAME, "Åsa Öberg", "&#197;sa &#xD6;berg"),
    (NAME, "Åsa Öberg", "&amp;Aring;sa &amp;Ouml;berg"),
    (NAME, "Åsa Öberg", "%C3%85sa%20%C3%96berg"),
    (NAME, "Åsa Öberg", r"\u00c5sa \u00d6berg"),
    # a date in other forms
    (DATE, "12 april 1985", "1985-04-12"),
    (DATE, "den 12 april 1985", "850412"),
    (DATE, "12 april 1985", "12/4/85"),
    (DATE, "12 april 1985", "12.4.1985"),
    (DATE, "12 april 1985", "4/12/1985"),
    (DATE, "1985-04-12", "12 april 1985"),
    (DATE, "1985-04-12", "12:e apr -85"),
    (DATE, "850412", "19850412"),
    (DATE, "12/4-85", "12 APRIL 1985"),
]

NOT_IN_THE_TEXT = [
    # ordinary words that are surnames too
    (NAME, "Karl Ny", "Ny kontroll om tre veckor."),
    (NAME, "Karl Ny", "en ny kontroll"),
    (NAME, "Karin Ek", "en ek"),
    (NAME, "Karin Berg", "Berg och dal. berg"),
    (NAME, "Per Lind", "5 mg per dag, en lind"),
    (NAME, "Pär Lund", "Ett par. Par av dem"),
    # the end of a shortened name, initials
    (NAME, "Ulf H-son", "hans son"),
    (NAME, "Anna S", "S-Na 140"),
    (NAME, "MC Pontus Kihlgren", "kom på MC hit"),
    # taken for a name once, though it is a word
    (NAME, "el", "den el som"),
    (NAME, "mamma", "hans mamma kom"),
    (NAME, "mamma", "Mamma kom. Mamma gick."),
    (NAME, "El", "Bra. El som den ska"),
    # other days, and a day without its year
    (DATE, "12 april 1985", "1985-04-13, 12 april 1986, 850413"),
    (DATE, "12 april", "2023-04-12"),
    (DATE, "12/4/85", "Na 124, K 8,5"),
    (DATE, "12 april 1985", "LPK 12485"),
    (ID, "19850412-1234", "född 850412"),  # a date of its own, which the pipeline finds or not
]


@pytest.mark.parametrize(("category", "value", "output"), IN_THE_TEXT)
def test_a_value_is_seen_in_another_form(category: str, value: str, output: str) -> None:
    assert survivors(index(category, value), output)


@pytest.mark.parametrize(("category", "value", "output"), NOT_IN_THE_TEXT)
def test_what_is_only_alike_fails_no_document(category: str, value: str, output: str) -> None:
    assert not survivors(index(category, value), output)


def test_a_relation_that_was_taken_for_an_identifier_once_fails_no_document() -> None:
    assert not survivors(index("OTHER", "hermana", "es"), "La madre y la hermana, dos hermanas")
    assert survivors(index("OTHER", "minera", "es"), "Era minera")


BESIDE = [
    # a column that holds a part of the name and nothing else
    (NAME, "Anna Svensson", "Svensson"),
    (NAME, "Anna Svensson", "anna"),
    (NAME, "Karin Ek", "ek"),
    (NAME, "Karl Ny", "Ny"),
    (NAME, "Per Lind", "LIND"),
    (NAME, "Per Berg", "berg, p"),
    (NAME, "Per Berg", "Dr Berg"),
    (NAME, "Åsa Öberg", "oberg"),
    # logins, addresses, codes
    (NAME, "Anna Svensson", "asvensson"),
    (NAME, "Anna Svensson", "svensson_a"),
    (NAME, "Anna Ek", "aek"),
    (NAME, "Anna Ek", "anna.ek@example.org"),
    (NAME, "Anna Svensson", "urn:patient:annaSvensson"),
    # a sentence
    (NAME, "Anna Svensson", "Anna ringde"),
    (NAME, "Karin Ek", "ringt till Ek idag"),
    # the day of birth
    (DATE, "12 april 1985", "850412"),
    (DATE, "12 april 1985", "1985-04-12T00:00:00"),
    (DATE, "12 april 1985", "198504121234"),
    (ID, "19850412-1234", "850412"),
    (ID, "850412-1234", "1985-04-12"),
    (ID, "850412-1234", "12 april 1985"),
    (ID, "850472-1234", "850412"),
    # a number without its letters
    (ID, "12.345.678-Z", "12345678"),
    (ID, "X-1234567-L", "1234567"),
]

NOT_BESIDE = [
    (NAME, "Karin Ek", "en ek vid vägen"),
    (NAME, "Karin Ek", "en ek"),
    (NAME, "Karin Berg", "berg och dal"),
    (NAME, "Karl Ny", "Ny kontroll"),
    (NAME, "Per Lind", "5 mg per dag"),
    (NAME, "Karin Ek", "https://example.org/ekg"),
    (DATE, "1985", "1985"),
    (DATE, "12/4", "12.4"),
    ("AGE", "45", "45"),
    ("AGE", "1045", "1045"),
    (ID, "850412-1234", "4123"),
    (ID, "LPK12345", "12345"),
    (DATE, "12 april 1985", "12485"),
]


@pytest.mark.parametrize(("category", "value", "text"), BESIDE)
def test_parts_and_forms_of_a_value_are_seen_beside_the_text(category: str, value: str, text: str) -> None:
    (found,) = survivors(index(category, value), beside=[("x", "column 1"), (text, "column 2")])
    assert (found.value.text, found.place) == (value, "column 2")


@pytest.mark.parametrize(("category", "value", "text"), NOT_BESIDE)
def test_other_words_and_numbers_beside_the_text_fail_no_row(category: str, value: str, text: str) -> None:
    assert not survivors(index(category, value), beside=[(text, "column 2")])


IN_A_NAME = [
    (NAME, "Anna Svensson", "Svensson epikris.txt"),
    (NAME, "Anna Svensson", "svensson_a.txt"),
    (NAME, "Anna Svensson", "ward/AnnaSvensson2/1.txt"),
    (NAME, "Anna Svensson", "epikrisSvensson.docx"),
    (NAME, "Karin Ek", "ek_2.txt"),
    (NAME, "Åsa Öberg", "oberg-asa.txt"),
    (NAME, "Åsa Öberg", "%C3%96berg.txt"),
    (ID, "19460324-4432", "460324.txt"),
    (ID, "460324-4432", "1946-03-24/epikris.txt"),
    (DATE, "24 mars 1946", "460324_2.txt"),
    (DATE, "24/3 1946", "19460324.txt"),
]


@pytest.mark.parametrize(("category", "value", "name"), IN_A_NAME)
def test_a_part_of_a_value_in_any_folder_or_file_name_counts(category: str, value: str, name: str) -> None:
    assert stands_in_name(index(category, value), name)


@pytest.mark.parametrize(
    ("category", "value"), [(NAME, "Anna Ek"), (DATE, "24/3"), ("AGE", "1946"), (ID, "460324-4432")]
)
def test_a_name_that_names_nobody_stays(category: str, value: str) -> None:
    assert not stands_in_name(index(category, value), "ekg/rapport 2 1946.txt")


@pytest.mark.parametrize("written", ["12 de abril de 1985", "12-abr-85", "12/04/1985", "12-IV-1985", "12 ABRIL DEL 85"])
def test_each_language_writes_its_months(written: str) -> None:
    assert survivors(index(DATE, "1985-04-12", "es"), f"nacida el {written}")


@pytest.mark.parametrize("output", ["&Aring;sa &Ouml;berg sov", "sov, A\u030asa O\u0308berg", "Ｘ %C3%85sa Öberg"])
def test_the_place_in_the_text_is_told(output: str) -> None:
    (found,) = survivors(index(NAME, "Åsa Öberg"), output)[:1]
    assert output[found.offset] in "&A%"
