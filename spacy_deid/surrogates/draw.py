"""Surrogates by category."""

from collections.abc import Callable, Mapping

from spacy_deid.surrogates.context import Context, NoSurrogateError
from spacy_deid.surrogates.identifier import Identifier
from spacy_deid.surrogates.numbers import age, number, phone
from spacy_deid.surrogates.people import email, name
from spacy_deid.surrogates.things import thing

_OF_CATEGORY: Mapping[str, Callable[[Identifier, Context, str], str]] = {
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


def surrogate_of(identifier: Identifier, context: Context, version: str = "") -> str:
    """Return the surrogate of a value that is not a date.

    Args:
        identifier: one of those that the context was made of.
        context: what the surrogates of its document have in common.
        version: another version of the same value has another surrogate.

    Returns:
        A made-up value of the same category, in the form of the value, that shows no original of the document.

    Raises:
        NoSurrogateError: there is none for the category or the value.
    """
    draw = _OF_CATEGORY.get(identifier.category)
    if draw is None:
        raise NoSurrogateError
    return draw(identifier, context, version)
