"""Names that one person is called by in a document are known to be one person's."""

import pytest

from spacy_deid.redact.persons import people_of


def grouped(texts: list[str], lang: str = "sv") -> list[int]:
    numbers: dict[object, int] = {}
    return [numbers.setdefault(person, len(numbers)) for person in people_of(texts, lang)]


@pytest.mark.parametrize(
    "other",
    [
        *("Anna", "Ek", "Annas", "Eks", "ANNA EK", "anna", "Ek, Anna", "A. Ek", "Anna E", "AE", "A.E.", "Dr Ek"),
        *("anna.ek@gmail.com", "aek83@skane.se", "ekanna@gmail.com", "anna@gmail.com"),
    ],
)
def test_one_person(other: str) -> None:
    assert grouped(["Anna Ek", other]) == [0, 0]
    assert grouped([other, "Anna Ek"]) == [0, 0]


@pytest.mark.parametrize("other", ["Karl Ek", "Karl", "KE", "AEK", "K", "karl.ek@gmail.com", "info@gmail.com", "123"])
def test_two_persons(other: str) -> None:
    assert grouped(["Anna Ek", other]) == [0, 1]


@pytest.mark.parametrize("other", ["Dra. López", "López García, María", "M.C.L.G.", "mlopezg@gva.es", "María López"])
def test_two_surnames(other: str) -> None:
    assert grouped(["María del Carmen López García", other], "es") == [0, 0]


def test_a_name_that_fits_two_is_the_one_last_mentioned() -> None:
    assert grouped(["Anna Ek", "Anna", "Anna Berg", "Anna"]) == [0, 0, 1, 1]


def test_members_of_a_family_are_apart() -> None:
    assert grouped(["Anna Ek", "Karl Ek", "Anna", "Karl", "KE"]) == [0, 1, 0, 1, 1]
