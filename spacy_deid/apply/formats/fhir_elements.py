"""The kinds of FHIR's elements, by their names (the table fhir.toml) and by other values of their resource."""

import re
import tomllib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from spacy_deid.apply.formats.json_strings import JsonValue

_ANY_DIGIT = re.compile(r"\d")
_SEPARATOR = re.compile(r"[\W_]+")
_FEWEST = 4  # letters and digits of an identifier of the resource


@cache
def table() -> dict[str, Any]:
    """Return fhir.toml."""
    return tomllib.loads(files("spacy_deid.apply.formats").joinpath("fhir.toml").read_text("utf8"))


# bounded, since files may have any number of names and systems
@lru_cache(maxsize=4096)
def lists_of(name: str) -> frozenset[str]:
    """Return the lists of the table with an element of that name; their entries may hold "*"."""
    lists = {key: names for key, names in table().items() if isinstance(names, list)}
    return frozenset(key for key, names in lists.items() if any(fnmatchcase(name, each) for each in names))


@lru_cache(maxsize=4096)
def type_of(name: str) -> str:
    """Return the data type of elements of that name in the table, or ""."""
    return next(
        (kind for kind, names in table()["types"].items() if any(fnmatchcase(name, each) for each in names)), ""
    )


@lru_cache(maxsize=4096)
def label_of(name: str, around: str) -> str:
    """Return the label of an element that identifies by itself, in an element of the type ``around``, or ""."""
    return str(table()["identifying_in"].get(around, {}).get(name) or table()["identifying"].get(name, ""))


class RecordFacts(NamedTuple):
    """Values of a resource that are needed to read its other values.

    Attributes:
        numbers: The identifiers of persons, as `compact` returns them.
        displays: The names of its codes in public vocabularies.
    """

    numbers: frozenset[str]
    displays: frozenset[str]


def facts_of(values: Sequence[JsonValue]) -> RecordFacts:
    """Return the identifiers and the displays among the values of a resource."""
    numbers = {compact(value.text) for value in values if _is_number_of_somebody(value)}
    return RecordFacts(frozenset(numbers - {""}), frozenset(value.text for value in values if _is_display(value)))


def is_term(value: JsonValue, facts: RecordFacts) -> bool:
    """Return whether a value is the name of a code in a public vocabulary: its display, or the text of the concept."""
    is_text = value.path[-1:] == ("text",) and "coding" in value.members and value.text in facts.displays
    return is_text or _is_display(value)


def _is_number_of_somebody(value: JsonValue) -> bool:
    return value.path[-1:] == ("value",) and type_of(("", *value.path)[-2]) == "Identifier"


def _is_display(value: JsonValue) -> bool:
    """Return whether a value is the display of a code in a public vocabulary."""
    if value.path[-1:] != ("display",) or not value.members.get("code"):
        return False
    system = value.members.get("system", "").casefold().rstrip("/")
    return "public_systems" in lists_of(system.replace("https://", "http://", 1))


def compact(number: str) -> str:
    """Return the letters and digits of a number in one case; "" if they are too few or have no digit."""
    letters = _SEPARATOR.sub("", number).casefold()
    return letters if len(letters) >= _FEWEST and _ANY_DIGIT.search(letters) else ""
