"""What FHIR's elements are, by their names (the table fhir.toml) and by what their resource says of them."""

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
_FEWEST = 4  # letters and digits of a number that the resource gives


@cache
def table() -> dict[str, Any]:
    """Return fhir.toml."""
    return tomllib.loads(files("spacy_deid.apply.formats").joinpath("fhir.toml").read_text("utf8"))


# not without an end: names and systems are as many as files have, and may be anybody's text
@lru_cache(maxsize=4096)
def lists_of(name: str) -> frozenset[str]:
    """Return the lists of the table that have an element of that name; their entries may hold "*"."""
    lists = {key: names for key, names in table().items() if isinstance(names, list)}
    return frozenset(key for key, names in lists.items() if any(fnmatchcase(name, each) for each in names))


@lru_cache(maxsize=4096)
def type_of(name: str) -> str:
    """Return the data type that an element of that name has, as far as the table knows it, else ""."""
    return next(
        (kind for kind, names in table()["types"].items() if any(fnmatchcase(name, each) for each in names)), ""
    )


@lru_cache(maxsize=4096)
def label_of(name: str, around: str) -> str:
    """Return what an element of that name in an element of that type identifies by itself, as a label, else ""."""
    return str(table()["identifying_in"].get(around, {}).get(name) or table()["identifying"].get(name, ""))


class RecordFacts(NamedTuple):
    """What a resource tells.

    numbers: identifiers of persons, as `compact` returns them. displays: what public vocabularies call its codes.
    """

    numbers: frozenset[str]
    displays: frozenset[str]


def facts_of(values: Sequence[JsonValue]) -> RecordFacts:
    """Return what the values of a resource tell."""
    numbers = {compact(value.text) for value in values if _is_number_of_somebody(value)}
    return RecordFacts(frozenset(numbers - {""}), frozenset(value.text for value in values if _is_display(value)))


def is_term(value: JsonValue, facts: RecordFacts) -> bool:
    """Return whether a value is what a public vocabulary calls a code: its display, or the text of the concept."""
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
    """Return the letters and digits of a number in one case; "" for too few to be looked for, or no digit at all."""
    letters = _SEPARATOR.sub("", number).casefold()
    return letters if len(letters) >= _FEWEST and _ANY_DIGIT.search(letters) else ""
