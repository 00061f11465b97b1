"""Surrogates by category."""

from collections.abc import Callable, Mapping

from spacy_deid.surrogates.context import Context, NoSurrogateError
from spacy_deid.surrogates.identifier import Identifier
from spacy_deid.surrogates.numbers import age, number, phone
from spacy_deid.surrogates.people import email, name
from spacy_deid.surrogates.things import thing

_OF_CATEGORY: Mapping[str, Callable[[Identifier, Context], str]] = {
    "NAME": name,
    "EMAIL": email,
    "ID": number,
    "PHONE": phone,
    "AGE": age,
    "LOCATION": thing,
    "CARE_UNIT": thing,
    "ORGANIZATION": thing,
    "PROFESSION": thing,
    "URL": thing,
}


def surrogate_of(identifier: Identifier, context: Context) -> str:
    """Return a made-up value of the same category and form as a value that is not a date.

    It shows no original of the document. Raises NoSurrogateError if there is no such value.
    """
    draw = _OF_CATEGORY.get(identifier.category)
    if draw is None:
        raise NoSurrogateError
    return draw(identifier, context)
