"""Dates as people write them: parsed, moved by days, and written back in their form.

The forms of a language are in ``lang/<code>/dates.toml``. They are regular expressions in which ``{d}`` is a day and
``{m}`` a month in digits; ``{dd}`` and ``{mm}`` are the same, but get a leading zero if the text does not show whether
it has them. ``{yyyy}`` and ``{yy}`` are a year, ``{month}`` and ``{weekday}`` a word of forms.toml, ``{week}``
an ISO week, and ``{ending}`` the ending of an ordinal. ``<part>`` is an expression of ``[parts]``, and ``[ ]`` is one
to three characters of white space, such as a line break within a date. Case does not matter. All characters outside
the fields are kept. The first form that fits counts; those named in ``preferred`` are tried before the others.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from typing import Any, Literal

from spacy_deid.errors import DeidError
from spacy_deid.lang.pack import pack_of

Precision = Literal["day", "weekday", "week", "month", "year"]

_DAY = "3[01]|[12][0-9]|0?[1-9]"
_MONTH = "1[0-2]|0?[1-9]"
_YEAR = "(?:1[89]|20)[0-9]{2}"
_WEEK = "5[0-3]|[1-4][0-9]|0?[1-9]"
_TWO = "[0-9]{2}"
_DIGITS = {"d": _DAY, "dd": _DAY, "m": _MONTH, "mm": _MONTH, "yyyy": _YEAR, "yy": _TWO, "week": _WEEK}
_PADDED = ("dd", "mm")
_WORDS = {"month": ("months", "months_short"), "weekday": ("weekdays", "weekdays_short")}
_SHORT = 1  # the index of the list that is used for words that are in neither
_FIELD = re.compile(r"\{([a-z]+)(_2)?\}")
_PART = re.compile("(?<!P)<([a-z]+)>")
_CENTURY = 2000  # of two-digit years; the calendar repeats every 28 years, and so does a move by days
_DAYS_OF_MONTH = 30.4375


@dataclass(frozen=True, slots=True)
class DateNotation:
    """How a language writes dates, from dates.toml and forms.toml."""

    expressions: tuple[re.Pattern[str], ...]
    words: Mapping[str, tuple[tuple[str, ...], ...]]  # by kind: the lists of forms.toml and dates.toml
    numbers: Mapping[str, Mapping[str, int]]  # by kind: the place in these lists of a word in lower case
    endings: Mapping[str, str]
    separator: re.Pattern[str]
    bare_day: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date in a text: its fields with their characters, and the first day of its period.

    ``day`` takes the parts that the text leaves out (the year, the month) from the reference date of `read_date`.
    """

    text: str
    day: dt.date
    fields: tuple[tuple[str, int, int], ...]
    lang: str

    @property
    def is_full(self) -> bool:
        """Whether the text itself has day, month and year."""
        kinds = {kind for kind, _, _ in self.fields}
        return self.precision == "day" and bool(kinds & {"yyyy", "yy"})

    @property
    def precision(self) -> Precision:
        """How exact the date is: the unit to which a move by days is rounded."""
        kinds = {kind for kind, _, _ in self.fields}
        if kinds & {"d", "dd"}:
            return "day"
        if kinds & {"m", "mm", "month"}:
            return "month"
        if "week" in kinds:
            return "week"
        return "year" if kinds & {"yyyy", "yy"} else "weekday"

    def moved(self, days: int) -> str:
        """Return the text with the date ``days`` later (earlier where negative).

        A date less exact than a day moves by whole weeks, months or years, by the nearest number but at least one, so
        that equally exact dates keep their distance.
        """
        return self._with_fields(_moved_day(self, days), days)

    def on(self, day: dt.date) -> str:
        """Return the text with the date ``day`` in place of its own, in as many fields as it has."""
        return self._with_fields(day, (day - self.day).days)

    def from_day_on(self, day: dt.date) -> "WrittenDate":
        """Return the text from its day of the month on, without a weekday or article before it, as the date ``day``."""
        begin = next(start for kind, start, _ in self.fields if kind in ("d", "dd"))
        fields = [(kind, start - begin, end - begin) for kind, start, end in self.fields if start >= begin]
        return replace(self, text=self.text[begin:], day=day, fields=tuple(fields))

    def _with_fields(self, moved: dt.date, days: int) -> str:
        pieces: list[str] = []
        read = 0
        for kind, start, end in self.fields:
            pieces += self.text[read:start], _field(kind, self.text[start:end], self, moved, days)
            read = end
        return "".join([*pieces, self.text[read:]])

    def not_after(self, other: "WrittenDate") -> "WrittenDate":
        """Return the date a year earlier if the text leaves its year out and it would be later than ``other``."""
        says_year = {"yyyy", "yy"} & {kind for kind, _, _ in self.fields}
        return self if says_year or self.day <= other.day else replace(self, day=years_later(self.day, -1))


def read_date(text: str, lang: str, reference: dt.date) -> WrittenDate | None:
    """Read the whole of a text as one date.

    Args:
        text: the date as it is written.
        lang: code of the language folder.
        reference: has the year and month that the text leaves out.

    Returns:
        The date, or None if no form of the language matches or the calendar has no such day.
    """
    notation = date_notation(lang)
    for expression in notation.expressions:
        match = expression.fullmatch(text)
        if match is None:
            continue
        fields = [(kind, *match.span(kind)) for kind, found in match.groupdict().items() if found and kind != "mark"]
        fields.sort(key=lambda field: field[1])
        day = _day({kind: match[kind] for kind, _, _ in fields}, notation, reference)
        if day is not None:
            return WrittenDate(text, day, tuple(fields), lang)
    return None


def _day(found: Mapping[str, str], notation: DateNotation, reference: dt.date) -> dt.date | None:
    """Return the first day of the fields' period, or None if the calendar has no such day."""
    year = reference.year
    if "yyyy" in found:
        year = int(found["yyyy"])
    elif "yy" in found:
        year = _CENTURY + int(found["yy"])
    day = next((int(found[kind]) for kind in ("d", "dd") if kind in found), 1)
    if "month" in found:
        month = notation.numbers["month"][found["month"].casefold()] + 1
    else:
        unsaid = 1 if {"yyyy", "yy"} & found.keys() else reference.month
        month = next((int(found[kind]) for kind in ("m", "mm") if kind in found), unsaid)
    if day == 29 and month == 2 and not {"yyyy", "yy"} & found.keys():
        year += -year % 4
    try:
        return dt.date.fromisocalendar(year, int(found["week"]), 1) if "week" in found else dt.date(year, month, day)
    except ValueError:
        return None


def _moved_day(date: WrittenDate, days: int) -> dt.date:
    if date.precision == "month":
        months = date.day.year * 12 + date.day.month - 1 + _count(days, _DAYS_OF_MONTH)
        return dt.date(months // 12, months % 12 + 1, 1)
    if date.precision == "year":
        return date.day.replace(year=date.day.year + _count(days, 365.25))
    if date.precision == "week":
        return date.day + dt.timedelta(weeks=_count(days, 7))
    return date.day + dt.timedelta(days=days)


def years_later(day: dt.date, years: int) -> dt.date:
    """Return the same day of another year; the 28th of February for a 29th that the year lacks."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=day.day - 1)


def _count(days: int, unit: float) -> int:
    """Return how many units the days are, at least one in their direction."""
    return round(days / unit) or (1 if days > 0 else -1)


def _field(kind: str, old: str, date: WrittenDate, moved: dt.date, days: int) -> str:
    """Return the new text of a field; a field ``..._2`` moves as far as the date does."""
    notation = date_notation(date.lang)
    name = kind.removesuffix("_2")
    if kind in ("yyyy_2", "yy_2"):
        year = int(old) + moved.year - date.day.year
        return str(year) if name == "yyyy" else f"{year % 100:02}"
    if kind == "week_2":
        later = date.day + dt.timedelta(weeks=int(old) - date.day.isocalendar().week)
        return str((later + (moved - date.day)).isocalendar().week)
    if name in _WORDS:
        number = moved.month - 1 if name == "month" else (notation.numbers["weekday"][old.casefold()] + days) % 7
        return _word(name, old, number, notation)
    if name == "ending":
        ending = notation.endings.get(str(moved.day), notation.endings["other"])
        return ending if old.startswith(":") or ":" not in ending else ending.removeprefix(":")
    years = moved.isocalendar().year if date.precision == "week" else moved.year
    numbers = {"yyyy": str(years), "yy": f"{years % 100:02}", "week": str(moved.isocalendar().week)}
    if name in numbers:
        return numbers[name]
    number = moved.month if name in ("m", "mm") else moved.day
    return f"{number:02}" if _is_padded(date) else str(number)


def _is_padded(date: WrittenDate) -> bool:
    """Whether days and months have two digits, as one of them shows or, failing that, as is usual for the form."""
    numbers = [(kind, date.text[start:end]) for kind, start, end in date.fields if kind in ("d", "dd", "m", "mm")]
    if any(number.startswith("0") for _, number in numbers):
        return True
    return all(len(number) == 2 for _, number in numbers) and any(kind in _PADDED for kind, _ in numbers)


def _word(kind: str, old: str, number: int, notation: DateNotation) -> str:
    """Return the month or weekday ``number`` in the case of ``old`` and, if possible, as short or long."""
    lists = notation.words[kind]
    known = (words for words in lists if old.casefold() in words)
    word = next(known, lists[_SHORT])[number]
    if old.isupper():
        return word.upper()
    return word.capitalize() if old[0].isupper() else word


@cache
def date_notation(lang: str) -> DateNotation:
    """Return the date forms of the language ``lang``; DeidError if it has no dates.toml."""
    forms, table = pack_of(lang).table("forms.toml"), pack_of(lang).table("dates.toml")
    words, numbers = {}, {}
    for kind, lists in _WORDS.items():
        entries = (*(forms[name] for name in lists), *table.get("lists", {}).get(kind, []))
        # some languages write months and weekdays with a capital
        words[kind] = tuple(tuple(word.casefold() for word in words_of_list) for words_of_list in entries)
        first = 1 if kind == "month" else 0
        variants = {word: number - first for word, number in table["variants"][kind].items()}
        numbers[kind] = variants | {word: number for entries in words[kind] for number, word in enumerate(entries)}
    alternatives = _DIGITS | {kind: _any_of(numbers[kind]) for kind in _WORDS}
    # an ordinal's ending, with the colon or without
    endings = {*forms["ordinal_endings"].values()}
    alternatives["ending"] = _any_of(chain(endings, (ending.removeprefix(":") for ending in endings)))
    expressions = tuple(_expression(form, table["parts"], alternatives) for form in _in_order(table, lang))
    several = {name: _expression(form, table["parts"], alternatives) for name, form in table["several"].items()}
    return DateNotation(
        expressions, words, numbers, forms["ordinal_endings"], several["separator"], several["bare_day"]
    )


def _in_order(table: Mapping[str, Any], lang: str) -> list[str]:
    """Return the forms of a dates.toml, the ``preferred`` ones first; DeidError for one that is not there."""
    forms, preferred = table["forms"], table.get("preferred", [])
    if unknown := [name for name in preferred if name not in forms]:
        raise DeidError(
            f"dates.toml of the language {lang!r}: preferred has {unknown[0]!r}, which is not a form. "
            f"Remedy: use some of {', '.join(forms)}."
        )
    return [*(forms[name] for name in preferred), *(form for name, form in forms.items() if name not in preferred)]


def _any_of(words: Mapping[str, int] | chain[str]) -> str:
    return "|".join(re.escape(word) for word in sorted({*words}, key=len, reverse=True))


def _expression(form: str, parts: Mapping[str, str], alternatives: Mapping[str, str]) -> re.Pattern[str]:
    while _PART.search(form):
        form = _PART.sub(lambda match: f"(?:{parts[match[1]]})", form)
    form = form.replace("[ ]", r"(?:\s{1,3})")
    form = _FIELD.sub(lambda match: f"(?P<{match[1]}{match[2] or ''}>{alternatives[match[1]]})", form)
    return re.compile(form, re.IGNORECASE)
