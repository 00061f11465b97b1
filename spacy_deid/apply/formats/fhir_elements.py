"""What FHIR's elements are, by their names: the table fhir.toml."""

import tomllib
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any


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
