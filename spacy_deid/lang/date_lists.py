"""Ranges and lists of dates in one span: "12/4-15/4", "28 dec–3 jan 2021", "2, 3 och 5 maj".

The section ``[several]`` of ``lang/<code>/dates.toml`` has two expressions in the notation of spacy_deid/lang/dates.py:
``separator`` for the text between two dates, and ``bare_day`` for a day whose month and year the next date has.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest

from spacy_deid.lang.dates import WrittenDate, date_notation, read_date

# the number of ways to split a text grows fast with its length
_LONGEST = 100  # characters
_MOST_DATES = 6


@dataclass(frozen=True, slots=True)
class WrittenDates:
    """Several dates in the order of the text, and the separators between them.

    is_bare: for each date whether the text has only its day; its month and year are those of the next date.
    """

    dates: tuple[WrittenDate, ...]
    between: tuple[str, ...]
    is_bare: tuple[bool, ...]

    @property
    def day(self) -> dt.date:
        """The first day of the last date, which is the most complete."""
        return self.dates[-1].day

    @property
    def is_full(self) -> bool:
        """Whether the text has day, month and year of the last date."""
        return self.dates[-1].is_full

    def moved(self, days: int) -> str:
        """Return the text with every date ``days`` later (earlier where negative).

        A bare day gets the form of the date that has its month if it and the next date are no longer in the same
        month: "20–22 april" becomes "30 maj–1 juni".
        """
        later = dt.timedelta(days=days)
        moved: list[str] = []
        whole = following = self.dates[-1]
        for date, is_bare in zip(reversed(self.dates), reversed(self.is_bare), strict=True):
            is_same_month = (date.day + later).replace(day=1) == (following.day + later).replace(day=1)
            written = whole.from_day_on(date.day) if is_bare and not is_same_month else date
            moved.append(written.moved(days))
            whole, following = (whole if is_bare else date), date
        pieces = zip_longest(reversed(moved), self.between, fillvalue="")
        return "".join(chain.from_iterable(pieces))


def read_dates(text: str, lang: str, reference: dt.date) -> WrittenDate | WrittenDates | None:
    """Read the whole of a text as a date or several dates.

    The fewest dates that explain the text are taken: "2023-04-12" is one, not a year and a bare 4th of December.

    Args:
        text: the date or dates as written.
        lang: code of the language pack.
        reference: has the year and month that the text leaves out.

    Returns:
        One date or several; None if a part of the text is not a date.
    """
    most = sum(1 for _ in _separators(text, lang)) + 1 if len(text) <= _LONGEST else 1
    counts = range(1, min(most, _MOST_DATES) + 1)
    found = next(filter(None, (_split_into(text, count, lang, reference) for count in counts)), None)
    return found.dates[0] if found and len(found.dates) == 1 else found


def _split_into(text: str, count: int, lang: str, reference: dt.date) -> WrittenDates | None:
    """Return the text as ``count`` dates; None if that is not possible."""
    if count == 1:
        date = read_date(text, lang, reference)
        return WrittenDates((date,), (), (False,)) if date else None
    for separator in _separators(text, lang):
        rest = _split_into(text[separator.end() :], count - 1, lang, reference)
        if rest and (before := _before(text[: separator.start()], rest.dates[0])):
            date, is_bare = before
            return WrittenDates((date, *rest.dates), (separator[0], *rest.between), (is_bare, *rest.is_bare))
    return None


def _before(text: str, following: WrittenDate) -> tuple[WrittenDate, bool] | None:
    """Return the date before another date, and whether it is a bare day."""
    if bare := _bare_day(text, following):
        return bare, True
    date = read_date(text, following.lang, following.day)
    return (date.not_after(following), False) if date else None


def _bare_day(text: str, following: WrittenDate) -> WrittenDate | None:
    """Return a day written without its month: the last such day before the date ``following``."""
    match = date_notation(following.lang).bare_day.fullmatch(text)
    if match is None or following.precision != "day":
        return None
    fields = [(kind, *match.span(kind)) for kind, found in match.groupdict().items() if found]
    fields.sort(key=lambda field: field[1])
    number, month = int(match["d"]), following.day
    if number >= month.day:
        month = month.replace(day=1) - dt.timedelta(days=1)
    try:
        return WrittenDate(text, month.replace(day=number), tuple(fields), following.lang)
    except ValueError:
        return None


def _separators(text: str, lang: str) -> Iterator[re.Match[str]]:
    """Yield the places of ``text`` that may separate two dates."""
    return date_notation(lang).separator.finditer(text)
