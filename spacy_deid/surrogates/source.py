"""What a language draws its values from, read once from its folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Protocol

from spacy_deid.lang.external import towns_of
from spacy_deid.lang.grammar import Grammar
from spacy_deid.lang.names import Origin, load_origin
from spacy_deid.lang.pack import pack_of
from spacy_deid.lang.person import Person
from spacy_deid.lang.places import Town
from spacy_deid.lang.tables import read_lines, read_table

# what Cast gives to the rules of forms.toml, besides what a language's numbers give
_GIVEN = (
    *("town", "town_gen", "region", "area", "postal", "code_a", "code_b"),
    *("first", "given", "first_part", "last", "family", "f", "l", "dotted", "n"),
    *("d", "dd", "m", "mm", "yy", "yyyy", "month", "mon", "weekday", "wd", "week", "ending"),
)


class Numbers(Protocol):
    """``lang/<code>/numbers.py``: numbers with a check digit."""

    GIVEN: tuple[str, ...]

    def identity(self, person: Person, rng: Random) -> dict[str, str]:
        """Return the parts of a person's identity number for the rule that "rule" names."""

    def licence(self, town: Town, rng: Random) -> dict[str, str]:
        """Return the parts of a member of staff's number for the rule ``licence``."""

    def registered(self, person: Person, rng: Random) -> dict[str, str]:
        """Return what the rules of ``number`` need."""


class WithoutCheckDigits:
    """The numbers of a language pack without numbers.py: the rules of forms.toml write all of them."""

    GIVEN: tuple[str, ...] = ()

    def identity(self, person: Person, rng: Random) -> dict[str, str]:
        """Return the rule ``identity``."""
        return {"rule": "identity"}

    def licence(self, town: Town, rng: Random) -> dict[str, str]:
        """Return no parts."""
        return {}

    def registered(self, person: Person, rng: Random) -> dict[str, str]:
        """Return no parts."""
        return {}


@dataclass(frozen=True, slots=True)
class Source:
    """All lists and rules of a language; immutable, shared by all casts."""

    forms: Mapping[str, Any]
    grammar: Grammar
    origins: tuple[Origin, ...]
    origin_weights: tuple[float, ...]
    towns: tuple[Town, ...]
    hospitals: tuple[tuple[str, tuple[str, ...]], ...]
    numbers: Numbers


@cache
def source_of(lang: str) -> Source:
    """Return the source of the language folder ``lang``; reading it takes about a second, once."""
    forms = read_table(lang, "forms.toml")
    numbers: Any = pack_of(lang).module("numbers") or WithoutCheckDigits()
    rules: dict[str, list[str]] = {}
    for table in ("rules", "lists"):
        rules |= forms[table]
    return Source(
        forms=forms,
        grammar=Grammar(rules, f"lang/{lang}/forms.toml", (*_GIVEN, *numbers.GIVEN)),
        origins=tuple(load_origin(name, lang) for name in forms["origins"]),
        origin_weights=tuple(forms["origins"].values()),
        towns=tuple(_towns(lang, forms)),
        hospitals=tuple(_hospital(line) for line in read_lines(lang, "hospitals.txt")),
        numbers=numbers,
    )


def all_names(lang: str) -> dict[str, frozenset[str]]:
    """Return every "first" and "last" name that a Cast of this language can draw, each a single word."""
    first: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    for origin in source_of(lang).origins:
        more_first, more_last = origin.all_names()
        first |= more_first
        last |= more_last
    return {"first": first, "last": last}


def _towns(lang: str, forms: Mapping[str, Any]) -> list[Town]:
    towns = [Town(*(field.strip() for field in line.split(";"))) for line in read_lines(lang, "towns.txt")]
    names = {town.name for town in towns}
    regions = forms["geonames"]["regions"]
    for name, code in towns_of(forms["geonames"]["country"]):
        if code in regions and name not in names:
            region, postal, area = (field.strip() for field in regions[code].split(";"))
            towns.append(Town(name, region, postal, area))
    return towns


def _hospital(line: str) -> tuple[str, tuple[str, ...]]:
    name, _, short = line.partition("=")
    return name.strip(), tuple(part.strip() for part in short.split(",") if part.strip()) or (name.strip(),)
