"""Surrogates of what is neither a person's name nor a date: places, units, numbers, addresses of the web."""

import importlib
import re
import string
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from types import ModuleType

from spacy_deid.lang.digits import pour
from spacy_deid.lang.surrogates.grammar import Grammar
from spacy_deid.lang.surrogates.source import source_of
from spacy_deid.lang.surrogates.tables import read_table
from spacy_deid.redact.replacer import Identifier, Scope
from spacy_deid.redact.surrogates.draw import Hidden, NoSurrogateError, draw_unlike, in_case_of
from spacy_deid.redact.surrogates.legible import is_legible
from spacy_deid.redact.surrogates.places import Places, town_values

_OLDEST = 89  # ages over 89 tell who somebody is (45 CFR 164.514)
_YEARS_APART = 3
_LETTERS = "ABCDEFGHJKLMNPRSTUWXYZ"  # those on number plates, which leave out what is like a digit or another letter
_DRAWS_TO_BE_LEGIBLE = 20
_LONGEST_ACRONYM = 5  # capitals of which say nothing of the case of the text: NUS


class Values:
    """Draws the surrogate of a value by its category; ``days`` is how far the scope's dates move."""

    def __init__(self, scope: Scope, hidden: Hidden, places: Places, days: int) -> None:
        self._scope = scope
        self._hidden = hidden
        self._places = places
        self._days = days

    def draw(self, identifier: Identifier, version: str) -> str:
        """Return a surrogate; NoSurrogateError for a category or value that has none."""
        rng = self._scope.random(identifier.category, identifier.normal, version)
        if identifier.category == "ID":
            return draw_unlike(self._hidden, lambda rng: self._number(identifier.text, rng), rng)
        if identifier.category == "PHONE":
            return draw_unlike(self._hidden, lambda rng: _reserved(self._scope.lang).phone(identifier.text, rng), rng)
        if identifier.category == "AGE":
            return draw_unlike(self._hidden, lambda rng: _age(identifier.text, rng), rng)
        return self._legible(identifier, self._thing(identifier, version), rng)

    def _legible(self, identifier: Identifier, draw: Callable[[Random], str], rng: Random) -> str:
        """Return a draw that the language's rules know for what it is, if one of a few is such, else the last one."""
        for _ in range(_DRAWS_TO_BE_LEGIBLE):
            drawn = draw_unlike(self._hidden, draw, rng)
            if len(identifier.text) > _LONGEST_ACRONYM:
                drawn = in_case_of(identifier.text, drawn)
            if is_legible(drawn, identifier.category, self._scope.lang):
                break
        return drawn

    def _number(self, text: str, rng: Random) -> str:
        """Return a number that nobody has, in the form of ``text``, where the language knows its kind; else any."""
        lang = self._scope.lang
        reserved = _reserved(lang).identity(text, self._days, rng)
        if reserved is not None or not (rules := _rules_of("ID", text, lang)):
            return reserved or scrambled(text, rng, kept=read_table(lang, "surrogates.toml")["kept"]["ID"])
        return _grammar(lang).draw(rules[0], rng, {})

    def _thing(self, identifier: Identifier, version: str) -> Callable[[Random], str]:
        """Return what draws a surrogate by a rule of forms.toml."""
        lang, places = self._scope.lang, self._places
        if identifier.category == "LOCATION" and places.is_town(identifier):
            name = places.surrogate(identifier.normal, version).name
            return lambda rng: name
        town = places.around(identifier, version)
        if identifier.category == "LOCATION" and places.is_region(identifier):
            return lambda rng: town.region
        rule = "country" if identifier.category == "LOCATION" and places.is_country(identifier) else None
        rule = rule or rule_of(identifier, lang)
        if rule == "postcode":
            digits = sum(character.isdecimal() for character in identifier.text)
            return lambda rng: pour(f"{town.postal}{rng.randrange(10**digits):0{digits}}"[:digits], identifier.text)
        return lambda rng: _grammar(lang).draw(rule, rng, town_values(town, lang, rng))


def rule_of(identifier: Identifier, lang: str) -> str:
    """Return the rule of forms.toml that a value's surrogate is drawn from, as lang/<code>/surrogates.toml says."""
    rules = _rules_of(identifier.category, identifier.text, lang)
    if not rules:
        raise NoSurrogateError
    return rules[0]


def _rules_of(category: str, text: str, lang: str) -> list[str]:
    patterns: Mapping[str, str] = read_table(lang, "surrogates.toml").get(category, {})
    return [rule for rule, pattern in patterns.items() if re.search(pattern, text, re.IGNORECASE)]


def scrambled(text: str, rng: Random, kept: str = "") -> str:
    """Return ``text`` with another digit for each digit and another letter for each letter, other signs as they are.

    A first word that the pattern ``kept`` matches stays: "Dnr" says what kind of number follows. NoSurrogateError where
    there is neither letter nor digit to change.
    """
    word = re.match(rf"(?:{kept})(?![^\W\d_])", text, re.IGNORECASE) if kept else None
    read = word.end() if word else 0
    if not any(character.isalnum() for character in text[read:]):
        raise NoSurrogateError
    return text[:read] + "".join(_other(character, rng) for character in text[read:])


def _other(character: str, rng: Random) -> str:
    if not character.isalnum():
        return character
    choices = _LETTERS.lower() if character.islower() else _LETTERS
    choices = string.digits if character.isdecimal() else choices
    return rng.choice([choice for choice in choices if choice != character])


def _age(text: str, rng: Random) -> str:
    """Return an age of up to three years more or less; NoSurrogateError for one in words."""
    number = re.search(r"[0-9]{1,3}", text)
    if number is None:
        raise NoSurrogateError
    old = int(number[0])
    near = range(max(1, old - _YEARS_APART), min(_OLDEST, old + _YEARS_APART) + 1)
    new = rng.choice([age for age in near if age != old] or [_OLDEST])
    return f"{text[: number.start()]}{new}{text[number.end() :]}"


def _reserved(lang: str) -> ModuleType:
    return importlib.import_module(f"spacy_deid.lang.{lang}.reserved")


@cache
def _grammar(lang: str) -> Grammar:
    """Return the language's rules with those that surrogates.toml adds."""
    source = source_of(lang)
    added = read_table(lang, "surrogates.toml").get("lists", {})
    return source.grammar.extended(added)
