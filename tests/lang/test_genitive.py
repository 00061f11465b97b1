"""The genitive of a name, as the language pack defines it."""

import pytest

from spacy_deid.lang.names import genitive, without_genitive


@pytest.mark.parametrize(
    ("lang", "name", "expected"),
    [
        ("sv", "Anna", "Annas"),
        ("sv", "Max", "Max"),
        ("sv", "Borås", "Borås"),
        ("sv", "LIZ", "LIZ"),
        ("es", "Ana", "Ana"),
        ("es", "Luis", "Luis"),
    ],
)
def test_the_genitive(lang: str, name: str, expected: str) -> None:
    assert genitive(name, lang) == expected


@pytest.mark.parametrize(
    ("lang", "word", "expected"), [("sv", "annas", "anna"), ("sv", "anna", "anna"), ("es", "burgos", "burgos")]
)
def test_a_word_without_the_ending_of_a_genitive(lang: str, word: str, expected: str) -> None:
    assert without_genitive(word, lang) == expected
