"""What a FHIR resource says of its other values: which numbers are somebody's, and which words are a code's."""

from collections.abc import Sequence
from typing import NamedTuple

from spacy_deid.apply.formats.fhir_elements import lists_of, type_of
from spacy_deid.apply.formats.fhir_links import compact
from spacy_deid.apply.formats.json_strings import Value


class Told(NamedTuple):
    """What a resource tells.

    numbers: identifiers of persons, as `compact` returns them. displays: what public vocabularies call its codes.
    """

    numbers: frozenset[str]
    displays: frozenset[str]


def told_by(values: Sequence[Value]) -> Told:
    """Return what the values of a resource tell."""
    numbers = {compact(value.text) for value in values if _is_number_of_somebody(value)}
    return Told(frozenset(numbers - {""}), frozenset(value.text for value in values if _is_display(value)))


def is_term(value: Value, told: Told) -> bool:
    """Return whether a value is what a public vocabulary calls a code: its display, or the text of the concept."""
    is_text = value.path[-1:] == ("text",) and "coding" in value.members and value.text in told.displays
    return is_text or _is_display(value)


def _is_number_of_somebody(value: Value) -> bool:
    return value.path[-1:] == ("value",) and type_of(("", *value.path)[-2]) == "Identifier"


def _is_display(value: Value) -> bool:
    """Return whether a value is the display of a code in a public vocabulary."""
    if value.path[-1:] != ("display",) or not value.members.get("code"):
        return False
    system = value.members.get("system", "").casefold().rstrip("/")
    return "public_systems" in lists_of(system.replace("https://", "http://", 1))
