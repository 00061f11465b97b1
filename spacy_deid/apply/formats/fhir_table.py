"""What FHIR's elements are, by their names: the table fhir.toml."""

import tomllib
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table() -> dict[str, Any]:
    """Return fhir.toml."""
    return tomllib.loads(files("spacy_deid.apply.formats").joinpath("fhir.toml").read_text("utf8"))


@cache
def is_in(name: str, group: str) -> bool:
    """Return whether a list of the table has an element of that name; its entries may hold "*"."""
    return any(fnmatchcase(name, each) for each in table()[group])


@cache
def type_of(name: str) -> str:
    """Return the data type that an element of that name has, as far as the table knows it, else ""."""
    return next(
        (kind for kind, names in table()["types"].items() if any(fnmatchcase(name, each) for each in names)), ""
    )
