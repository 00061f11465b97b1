"""The ways to write a day: "12 april 1985", "1985-04-12", "850412", "12/4/85", and "4/12/85" as in the United States.

Months, endings of ordinals and the words between them come from a language's forms.toml and dates.toml. In a language
without these files, a day is written in digits alone.
"""

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from spacy_deid.lang.pack import pack_of
from spacy_deid.lang.same_value import letters_of

Pieces = tuple[str, ...]


@lru_cache(maxsize=1024)
def date_forms(day: dt.date, lang: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return each way to write ``day``: its letters and digits as in `ComparedText`, and the offsets of its separators.

    A form without offsets may be written with separators or without; its day and month have two digits.
    """
    forms = dict.fromkeys([*_compact(day), *_numeric(day), *_in_words(day, lang)])
    return tuple((letters_of("".join(pieces)), tuple(accumulate(map(len, pieces[:-1])))) for pieces in forms)


def _compact(day: dt.date) -> Iterator[Pieces]:
    for order in ("%Y%m%d", "%y%m%d", "%d%m%Y", "%d%m%y", "%m%d%Y", "%m%d%y"):
        yield (f"{day:{order}}",)


def _numeric(day: dt.date) -> Iterator[Pieces]:
    for year in _years(day):
        for month in _numbers(day.month):
            for number in _numbers(day.day):
                yield from ((year, month, number), (number, month, year), (month, number, year))


def _in_words(day: dt.date, lang: str) -> Iterator[Pieces]:
    endings, before_month, before_year = _words_between(lang)
    for month in _months(lang).get(day.month, ()):
        for year in _years(day):
            for number in _numbers(day.day):
                yield (month, number, year)
                for ending in endings:
                    for first in before_month:
                        for second in before_year:
                            yield (number, *ending, *first, month, *second, year)


def _years(day: dt.date) -> tuple[str, str]:
    return f"{day.year:04}", f"{day.year % 100:02}"


def _numbers(number: int) -> set[str]:
    return {str(number), f"{number:02}"}


@lru_cache
def _months(lang: str) -> dict[int, set[str]]:
    """Return the words for each month, 1 to 12."""
    if not _has_tables(lang):
        return {}
    forms, dates = pack_of(lang).table("forms.toml"), pack_of(lang).table("dates.toml")
    months: dict[int, set[str]] = {}
    for words in (forms["months"], forms["months_short"], *dates["lists"]["month"]):
        for number, word in enumerate(words, start=1):
            months.setdefault(number, set()).add(word)
    for word, number in dates["variants"]["month"].items():
        months[number].add(word)
    return months


@lru_cache
def _words_between(lang: str) -> tuple[list[Pieces], list[Pieces], list[Pieces]]:
    """Return the words that may follow the day, precede the month and precede the year."""
    if not _has_tables(lang):
        return [()], [()], [()]
    endings = pack_of(lang).table("forms.toml")["ordinal_endings"].values()
    letters = {"".join(filter(str.isalpha, ending)) for ending in endings} - {""}
    between = pack_of(lang).table("dates.toml")["between"]
    rows = ([(), *((word,) for word in words)] for words in (sorted(letters), between["month"], between["year"]))
    after_day, before_month, before_year = rows
    return after_day, before_month, before_year


def _has_tables(lang: str) -> bool:
    return all(map(pack_of(lang).has, ("forms.toml", "dates.toml")))
