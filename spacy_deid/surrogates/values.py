"""Surrogates of what is neither a person's name nor a date: places, units, numbers, addresses of the web."""

import datetime as dt
import importlib
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from random import Random
from types import ModuleType

from spacy_deid.lang.dates import read_date
from spacy_deid.lang.digits import pour
from spacy_deid.lang.tables import read_table
from spacy_deid.surrogates.alike import alike_rule, grammar_of
from spacy_deid.surrogates.draw import Draw, Hidden, NoSurrogateError, draw_unlike, in_case_of
from spacy_deid.surrogates.frames import Drawing, framed
from spacy_deid.surrogates.identifier import Identifier, Scope
from spacy_deid.surrogates.legible import is_legible
from spacy_deid.surrogates.places import Places, town_values
from spacy_deid.surrogates.source import source_of

_OLDEST = 89  # ages over 89 tell who somebody is (45 CFR 164.514)
_YEARS_APART = 3
_RUN = re.compile(r"\d+|[^\W\d]+")
_DIGITS_OF_DATES = (6, 8)
_ANY_DAY = dt.date(2023, 1, 1)  # such dates leave nothing out that would be taken from it
_LETTERS = "ABCDEFGHJKLMNPRSTUWXYZ"  # those on number plates, which leave out what is like a digit or another letter
_DRAWS_TO_BE_LEGIBLE = 20
_LONGEST_ACRONYM = 5  # capitals of which say nothing of the case of the text: NUS
_LONGEST_ACRONYM_OF_PLACE = 3  # USA; OSLO is Oslo in capitals


class Values:
    """Draws the surrogate of a value by its category; ``days`` is how far the scope's dates move."""

    def __init__(self, scope: Scope, hidden: Hidden, places: Places, days: int) -> None:
        self._scope = scope
        self._hidden = hidden
        self._places = places
        self._days = days

    def draw(self, identifier: Identifier, version: str) -> str:
        """Return a surrogate; NoSurrogateError for a category or value that has none."""
        if nominative := self._nominative(identifier):
            return self._in_genitive(self.draw(nominative, version), identifier)
        rng = self._scope.random(identifier.category, identifier.normal, version)
        if identifier.category == "ID":
            return draw_unlike(self._hidden, lambda rng: self._number(identifier.text, rng), rng)
        if identifier.category == "PHONE":
            return draw_unlike(self._hidden, lambda rng: _reserved(self._scope.lang).phone(identifier.text, rng), rng)
        if identifier.category == "AGE":
            return draw_unlike(self._hidden, lambda rng: _age(identifier.text, rng), rng)
        return self._legible(identifier, self._thing(identifier, version), rng)

    def _legible(self, identifier: Identifier, draw: Draw, rng: Random) -> str:
        """Return a draw that the language's rules know for what it is, if one of a few is such, else the last one.

        It is written in the case of the value; which draw it is does not depend on that case.
        """
        for _ in range(_DRAWS_TO_BE_LEGIBLE):
            drawn = draw_unlike(self._hidden, draw, rng)
            if is_legible(drawn, identifier.category, self._scope.lang):
                break
        return drawn if _is_acronym(identifier) else in_case_of(identifier.text, drawn)

    def _number(self, text: str, rng: Random) -> str:
        """Return a number that nobody has, in the form of ``text``, where the language knows its kind; else any."""
        lang = self._scope.lang
        reserved = _reserved(lang).identity(text, self._days, rng) or _dates_moved(text, self._days, lang)
        if reserved is not None or not (rules := _rules_of("ID", text, lang)):
            return reserved or scrambled(text, rng, kept=read_table(lang, "surrogates.toml")["kept"]["ID"])
        return grammar_of(lang).draw(rules[0], rng, {})

    def _thing(self, identifier: Identifier, version: str) -> Draw:
        """Return what draws a surrogate: a place, unit or organisation."""
        if known := self._of_known(identifier, version):
            return known
        drawing = Drawing(
            lambda name, rule, rng: self._name(replace(identifier, text=name), rule, version, rng),
            lambda name, rule, rng: self._name_before_word(replace(identifier, text=name), rule, version, rng),
            lambda start, rule, rng: in_case_of(start, self._by_rule(rule, identifier, version)(rng)),
        )
        in_frame = framed(identifier.text, identifier.category, self._scope.lang, drawing)
        return in_frame or self._by_rule(rule_of(identifier, self._scope.lang), identifier, version)

    def _of_known(self, identifier: Identifier, version: str) -> Draw | None:
        """Return what draws a town for a town, a country for a country: where a list holds the value."""
        lang, places = self._scope.lang, self._places
        if identifier.category == "LOCATION" and places.is_town(identifier):
            name = places.surrogate(identifier.normal, version).name
            return lambda rng: name
        if identifier.category == "LOCATION" and places.is_region(identifier):
            return partial(places.region, identifier, version)
        alike = alike_rule(identifier, lang)
        return self._by_rule(alike, identifier, version) if alike else self._with_town(identifier, version)

    def _with_town(self, identifier: Identifier, version: str) -> Draw | None:
        """Return what draws "Willys Lund" for "Volvo Umeå": a listed value with a town after it."""
        listed, _, last = identifier.text.rpartition(" ")
        town = replace(identifier, text=last, category="LOCATION")
        known = self._of_known(replace(identifier, text=listed), version) if listed else None
        if known is None or not self._places.is_town(town):
            return None
        name = self._places.surrogate(town.normal, version).name
        return lambda rng: f"{known(rng)} {name}"

    def _name(self, identifier: Identifier, rule: str, version: str, rng: Random) -> str:
        """Return a name in the place of one within a value."""
        is_place = self._places.is_town(identifier) or self._places.is_region(identifier)
        if is_place:
            identifier = replace(identifier, category="LOCATION")
        known = self._of_known(identifier, version)
        drawn = draw_unlike(self._hidden, known or self._by_rule(rule, identifier, version), rng)
        return drawn if _is_acronym(identifier) else in_case_of(identifier.text, drawn)

    def _name_before_word(self, identifier: Identifier, rule: str, version: str, rng: Random) -> str:
        """Return the same as a genitive, where the name has the ending of one and is not known with it."""
        drawn = self._name(identifier, rule, version, rng)
        is_genitive = identifier.normal.endswith(source_of(self._scope.lang).forms["genitive"]["ending"])
        if not is_genitive or self._places.is_nominative(identifier):
            return drawn
        return self._in_genitive(drawn, identifier)

    def _nominative(self, identifier: Identifier) -> Identifier | None:
        """Return a listed value that stands in the genitive without its ending; None for any other."""
        ending = source_of(self._scope.lang).forms["genitive"]["ending"]
        if not ending or self._is_listed(identifier) or not identifier.text.casefold().endswith(ending):
            return None
        nominative = replace(identifier, text=identifier.text[: -len(ending)])
        return nominative if self._is_listed(nominative) else None

    def _is_listed(self, identifier: Identifier) -> bool:
        is_place = identifier.category == "LOCATION" and self._places.is_nominative(identifier)
        return is_place or alike_rule(identifier, self._scope.lang) is not None

    def _in_genitive(self, drawn: str, identifier: Identifier) -> str:
        genitive = source_of(self._scope.lang).forms["genitive"]
        is_bare = drawn[-1].lower() in genitive["bare_after"]
        return drawn if is_bare else drawn + in_case_of(identifier.text, genitive["ending"])

    def _by_rule(self, rule: str, identifier: Identifier, version: str) -> Draw:
        """Return what draws by a rule of forms.toml."""
        lang = self._scope.lang
        town = self._places.around(identifier, version)
        if rule == "postcode":
            digits = sum(character.isdecimal() for character in identifier.text)
            return lambda rng: pour(f"{town.postal}{rng.randrange(10**digits):0{digits}}"[:digits], identifier.text)
        return lambda rng: grammar_of(lang).draw(rule, rng, town_values(town, lang, rng))


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
    return text[:read] + _RUN.sub(lambda run: "".join(_others(run[0], rng)), text[read:])


def _others(run: str, rng: Random) -> Iterator[str]:
    """Yield a digit or letter for each one of a run; a number begins with zero only where the old one does."""
    for place, character in enumerate(run):
        choices = _LETTERS.lower() if character.islower() else _LETTERS
        if character.isdecimal():
            choices = string.digits if place or character == "0" else string.digits[1:]
        yield rng.choice([choice for choice in choices if choice != character])


def _dates_moved(text: str, days: int, lang: str) -> str | None:
    """Return a number that consists of dates, yymmdd or yyyymmdd, with these moved; None for any other."""
    runs = [run[0] for run in _RUN.finditer(text)]
    dates = [read_date(run, lang, _ANY_DAY) if len(run) in _DIGITS_OF_DATES else None for run in runs]
    moved = iter([date.moved(days) for date in dates if date])
    return _RUN.sub(lambda _: next(moved), text) if runs and all(dates) else None


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


def _is_acronym(identifier: Identifier) -> bool:
    longest = _LONGEST_ACRONYM_OF_PLACE if identifier.category == "LOCATION" else _LONGEST_ACRONYM
    return identifier.text.isupper() and len(identifier.text) <= longest
