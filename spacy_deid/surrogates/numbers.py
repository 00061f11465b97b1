"""Surrogates of numbers: identity and other numbers, telephone numbers, ages."""

import datetime as dt
import re
import string
from collections.abc import Iterator
from random import Random

from spacy_deid.lang.dates import read_date
from spacy_deid.lang.identity import numbers_of
from spacy_deid.surrogates.context import Context, NoSurrogateError
from spacy_deid.surrogates.identifier import HIGHEST_AGE, Identifier
from spacy_deid.surrogates.rules import grammar_of, kept_words, rule_of

_YEARS_APART = 3
_RUN = re.compile(r"\d+|[^\W\d]+")
_DIGITS_OF_DATES = (6, 8)
_ANY_DAY = dt.date(2023, 1, 1)  # has no effect, since such dates have day, month and year
_LETTERS = "ABCDEFGHJKLMNPRSTUWXYZ"  # as on number plates, without letters that look like a digit or another letter


def number(identifier: Identifier, context: Context) -> str:
    """Return a number in the form of the value: an unassigned one if the language knows its kind, else any."""
    return context.draw(lambda rng: _number(identifier, context, rng), context.random_of(identifier))


def phone(identifier: Identifier, context: Context) -> str:
    """Return a telephone number in the form of the value: one reserved for fiction if the country has such numbers."""
    reserved = numbers_of(context.lang)
    return context.draw(lambda rng: str(reserved.phone(identifier.text, rng)), context.random_of(identifier))


def age(identifier: Identifier, context: Context) -> str:
    """Return an age of up to three years more or less; NoSurrogateError for one in words."""
    return context.draw(lambda rng: _age(identifier.text, rng), context.random_of(identifier))


def _number(identifier: Identifier, context: Context, rng: Random) -> str:
    text, lang = identifier.text, context.lang
    known = numbers_of(lang).replaced(text, context.days, rng)
    if known := known or _dates_moved(text, context.days, lang):
        return known
    rule = rule_of(identifier, lang)
    return grammar_of(lang).draw(rule, rng) if rule else scrambled(text, rng, kept_words(identifier.category, lang))


def scrambled(text: str, rng: Random, kept: str = "") -> str:
    """Return ``text`` with other digits and letters.

    Args:
        text: a number of any form, such as "Dnr 2023/14-B".
        rng: draws the digits and letters.
        kept: pattern of a first word that stays, since it names the kind of number: "Dnr"; "" for none.

    Returns:
        A text of the same length, with another digit for each digit, another letter for each letter and the same
        characters in between.

    Raises:
        NoSurrogateError: if there is neither a letter nor a digit to change.
    """
    word = re.match(rf"(?:{kept})(?![^\W\d_])", text, re.IGNORECASE) if kept else None
    read = word.end() if word else 0
    if not any(character.isalnum() for character in text[read:]):
        raise NoSurrogateError
    return text[:read] + _RUN.sub(lambda run: "".join(_others(run[0], rng)), text[read:])


def _others(run: str, rng: Random) -> Iterator[str]:
    """Yield a digit or letter for each one of a run; a number begins with zero only if the old one does."""
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
    digits = re.search(r"[0-9]{1,3}", text)
    if digits is None:
        raise NoSurrogateError
    old = int(digits[0])
    near = range(max(1, old - _YEARS_APART), min(HIGHEST_AGE, old + _YEARS_APART) + 1)
    new = rng.choice([age for age in near if age != old] or [HIGHEST_AGE])
    return f"{text[: digits.start()]}{new}{text[digits.end() :]}"
