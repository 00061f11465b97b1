"""Lists of the Spanish checks: the names of every origin, and the other meanings of names."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from spacy_deid.lang.lexicon import is_ordinary
from spacy_deid.lang.pack import pack_of
from spacy_deid.text import without_diacritics

_WHERE_SPANISH_IS_SPOKEN = ("spanish", "catalan", "basque", "galician", "latin_american")


def letters(text: str) -> list[str]:
    """Return the words of ``text``, without digits and hyphens; "Gal·la" is one."""
    return re.findall(r"[^\W\d_]+(?:·[^\W\d_]+)*", text)


def known(name: str) -> frozenset[str]:
    """Return the entries of lists/NAME.txt, in lower case."""
    return pack_of("es").list(name).sure


@cache
def first_names() -> frozenset[str]:
    """Return the first names of every origin and their short forms, in lower case, with and without accents."""
    return _also_without_accents(_first_names(_tables()) | known("first_names"))


@cache
def surnames() -> frozenset[str]:
    """Return the surnames of every origin, in lower case, with and without accents."""
    return _also_without_accents(_surnames(_tables()) | known("surnames"))


@cache
def all_names() -> frozenset[str]:
    """Return first names and surnames of every origin, in lower case."""
    return first_names() | surnames()


@cache
def names_in_spanish() -> tuple[frozenset[str], frozenset[str]]:
    """Return the first names and the surnames that are common where Spanish is spoken and are not also other words."""
    tables = _tables(*_WHERE_SPANISH_IS_SPOKEN)
    other = known("name_words") | known("not_names")
    first = _also_without_accents(_first_names(tables) | known("first_names"))
    return first - other, _also_without_accents(_surnames(tables) | known("surnames")) - other


@cache
def towns() -> frozenset[str]:
    """Return the towns of towns.txt and places.txt, in lower case."""
    return known("towns") | known("places")


@cache
def hospitals() -> frozenset[str]:
    """Return the everyday names in hospitals.txt of five letters or more, in lower case, without "Hospital"."""
    names = (name for line in pack_of("es").list("hospitals").entries for name in line.partition("=")[2].split(","))
    return frozenset(name.strip().casefold().removeprefix("hospital ") for name in names if len(name.strip()) > 4)


def _also_without_accents(names: frozenset[str]) -> frozenset[str]:
    """Return ``names`` with and without accents, unless the latter is another word: "garcia", but not "sola"."""
    bare = {without_diacritics(name) for name in names} - names
    return names | {name for name in bare if not is_ordinary(name, "es")}


def _first_names(tables: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    full = (f"{table['female']} {table['male']}" for table in tables)
    short = (nicks for table in tables for nicks in table.get("nicks", {}).values())
    return frozenset(name for text in (*full, *short) for name in letters(text.casefold()) if len(name) > 1)


def _surnames(tables: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(name for table in tables for name in letters(table["last"].casefold()) if len(name) > 1)


def _tables(*origins: str) -> list[Mapping[str, Any]]:
    """Return the tables of names of these origins, or of all if none is given."""
    pack = pack_of("es")
    return [pack.names(origin) for origin in origins or pack.origins()]
