"""Each category has a function that draws its surrogates, or none at all."""

from dataclasses import replace

import pytest

from spacy_deid.labels import categories
from spacy_deid.surrogates.context import Context, NoSurrogateError
from spacy_deid.surrogates.identifier import Identifier, Scope
from spacy_deid.surrogates.other_values import surrogate_of

VALUES = {
    "NAME": "Anna Ek",
    "EMAIL": "anna.ek@mail.se",
    "ID": "4418-2209",
    "PHONE": "070-123 45 67",
    "AGE": "78 år",
    "LOCATION": "Umeå",
    "CARE_UNIT": "avd 32",
    "ORGANIZATION": "Volvo",
    "PROFESSION": "lärare",
    "URL": "www.skane.se/anna",
}
SCOPE = Scope(b"a key", "document 1", "sv")


def drawn(category: str, text: str, version: str = "") -> str:
    value = Identifier(0, len(text), text, category, category)
    context = Context.of([value], [value], SCOPE, days=10)
    return surrogate_of(value, replace(context, version=version))


@pytest.mark.parametrize("category", VALUES)
def test_the_same_value_and_version_have_the_same_surrogate(category: str) -> None:
    text = VALUES[category]
    assert drawn(category, text) == drawn(category, text) != text
    assert len({drawn(category, text, str(version)) for version in range(20)}) > 3


@pytest.mark.parametrize("category", sorted({*categories()} - {*VALUES, "DATE"}))
def test_other_categories_have_no_surrogate(category: str) -> None:
    with pytest.raises(NoSurrogateError):
        drawn(category, "man")
