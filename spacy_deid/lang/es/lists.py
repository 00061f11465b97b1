"""Lists that the Spanish checks look words up in: the names of every origin, and what else names may be."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from spacy_deid.lang.lexicon import is_ordinary
from spacy_deid.lang.tables import read_lines
from spacy_deid.text import without_diacritics

_WHERE_SPANISH_IS_SPOKEN = ("spanish", "catalan", "basque", "galician", "latin_american")


def letters(text: str) -> list[str]:
    """Return the words of ``text``, without digits and hyphens; "Gal·la" is one."""
    return re.findall(r"[^\W\d_]+(?:·[^\W\d_]+)*", text)


@cache
def known(name: str) -> frozenset[str]:
    """Return the entries of known/NAME.txt, in lower case."""
    lines = files("spacy_deid.lang.es").joinpath("lists", f"{name}.txt").read_text("utf8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in letters(line.casefold()))


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
def names_of_here() -> tuple[frozenset[str], frozenset[str]]:
    """Return first names and surnames that are common where Spanish is spoken and are no other word of it."""
    tables = _tables(*_WHERE_SPANISH_IS_SPOKEN)
    other = known("name_words") | known("not_names")
    first = _also_without_accents(_first_names(tables) | known("first_names"))
    return first - other, _also_without_accents(_surnames(tables) | known("surnames")) - other


@cache
def towns() -> frozenset[str]:
    """Return the towns of towns.txt and known/places.txt, in lower case."""
    places = (place for line in read_lines("es", "places.txt") for place in line.split(","))
    listed = (line.partition(";")[0] for line in read_lines("es", "towns.txt"))
    return frozenset(town.strip().casefold() for town in (*listed, *places))


@cache
def hospitals() -> frozenset[str]:
    """Return the everyday names in hospitals.txt of five letters or more, in lower case, without "Hospital"."""
    names = (name for line in read_lines("es", "hospitals.txt") for name in line.partition("=")[2].split(","))
    return frozenset(name.strip().casefold().removeprefix("hospital ") for name in names if len(name.strip()) > 4)


def _also_without_accents(names: frozenset[str]) -> frozenset[str]:
    """Return ``names`` and how they are typed in haste, "garcia", where that is no other word: "sola" is."""
    bare = {without_diacritics(name) for name in names} - names
    return names | {name for name in bare if not is_ordinary(name, "es")}


def _first_names(tables: list[dict[str, Any]]) -> frozenset[str]:
    full = (f"{table['female']} {table['male']}" for table in tables)
    short = (nicks for table in tables for nicks in table.get("nicks", {}).values())
    return frozenset(name for text in (*full, *short) for name in letters(text.casefold()) if len(name) > 1)


def _surnames(tables: list[dict[str, Any]]) -> frozenset[str]:
    return frozenset(name for table in tables for name in letters(table["last"].casefold()) if len(name) > 1)


def _tables(*origins: str) -> list[dict[str, Any]]:
    """Return the tables of names of these origins, of all without one."""
    folder = files("spacy_deid.lang.any").joinpath("names")
    entries = [folder.joinpath(f"{origin}.toml") for origin in origins] or list(folder.iterdir())
    return [tomllib.loads(entry.read_text("utf8")) for entry in entries if entry.name.endswith(".toml")]
