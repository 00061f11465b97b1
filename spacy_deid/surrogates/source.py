"""The lists and rules from which a language's values are drawn, read once from its pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from spacy_deid.lang.grammar import Grammar
from spacy_deid.lang.identity import Numbers, numbers_of
from spacy_deid.lang.names import Origin, load_origin
from spacy_deid.lang.pack import pack_of
from spacy_deid.lang.places import Town, towns

# the values that Cast gives to the rules of forms.toml, besides those of a language's numbers
_GIVEN = (
    *("town", "town_gen", "region", "area", "postal", "code_a", "code_b"),
    *("first", "given", "first_part", "last", "family", "f", "l", "dotted", "n"),
    *("d", "dd", "m", "mm", "yy", "yyyy", "month", "mon", "weekday", "wd", "week", "ending"),
)


@dataclass(frozen=True, slots=True)
class ValueSource:
    """All lists and rules of a language; immutable, shared by all casts."""

    forms: Mapping[str, Any]
    grammar: Grammar
    origins: tuple[Origin, ...]
    origin_weights: tuple[float, ...]
    towns: tuple[Town, ...]
    hospitals: tuple[tuple[str, tuple[str, ...]], ...]
    numbers: Numbers

    def origin(self, rng: Random) -> Origin:
        """Draw an origin of names, weighted by its frequency in the language's country."""
        return rng.choices(self.origins, self.origin_weights)[0]


@cache
def source_of(lang: str) -> ValueSource:
    """Return the source of the language ``lang``; the first call takes about a second."""
    forms = pack_of(lang).table("forms.toml")
    numbers = numbers_of(lang)
    rules: dict[str, list[str]] = {}
    for table in ("rules", "lists"):
        rules |= forms[table]
    return ValueSource(
        forms=forms,
        grammar=Grammar(rules, f"lang/{lang}/forms.toml", (*_GIVEN, *numbers.GIVEN)),
        origins=tuple(load_origin(name, lang) for name in forms["origins"]),
        origin_weights=tuple(forms["origins"].values()),
        towns=towns(lang),
        hospitals=tuple(_hospital(line) for line in pack_of(lang).list("hospitals").entries),
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


def _hospital(line: str) -> tuple[str, tuple[str, ...]]:
    name, _, short = line.partition("=")
    return name.strip(), tuple(part.strip() for part in short.split(",") if part.strip()) or (name.strip(),)
