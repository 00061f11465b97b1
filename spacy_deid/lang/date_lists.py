"""Ranges and lists of dates in one span: "12/4-15/4", "28 dec–3 jan 2021", "2, 3 och 5 maj".

The section ``[several]`` of ``lang/<code>/dates.toml`` has two expressions in the notation of
spacy_deid/lang/dates.py: ``separator`` for what stands between two dates, and ``bare_day`` for a day whose month and
year the next date says.
"""

import datetime as dt
from dataclasses import dataclass
from itertools import chain, zip_longest

from spacy_deid.lang.dates import WrittenDate, bare_day, read_date, separators

# the ways to part a text grow fast with its length
_LONGEST = 100  # characters
_MOST_DATES = 6


@dataclass(frozen=True, slots=True)
class WrittenDates:
    """Several dates in the order of the text, and what stands between them.

    A date of which the text says the day alone has the month and year of the next one; `is_bare` says which are such.
    """

    dates: tuple[WrittenDate, ...]
    between: tuple[str, ...]
    is_bare: tuple[bool, ...]

    @property
    def day(self) -> dt.date:
        """The first day of the last date, which says most."""
        return self.dates[-1].day

    @property
    def is_full(self) -> bool:
        """Whether the text says day, month and year of the last date."""
        return self.dates[-1].is_full

    def moved(self, days: int) -> str:
        """Return the text with every date ``days`` later (earlier where negative).

        A bare day gets the form of the date that says its month, where it and the next date are no longer of one
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
    """Return the date or dates that the whole of ``text`` is; None where a part of it is none.

    The fewest dates that explain the text count: "2023-04-12" is one, not a year and a bare 4th of December.
    """
    most = sum(1 for _ in separators(text, lang)) + 1 if len(text) <= _LONGEST else 1
    counts = range(1, min(most, _MOST_DATES) + 1)
    found = next(filter(None, (_parted(text, count, lang, reference) for count in counts)), None)
    return found.dates[0] if found and len(found.dates) == 1 else found


def _parted(text: str, count: int, lang: str, reference: dt.date) -> WrittenDates | None:
    """Return the text as so many dates; None where it is not."""
    if count == 1:
        date = read_date(text, lang, reference)
        return WrittenDates((date,), (), (False,)) if date else None
    for separator in separators(text, lang):
        rest = _parted(text[separator.end() :], count - 1, lang, reference)
        if rest and (before := _before(text[: separator.start()], rest.dates[0])):
            date, is_bare = before
            return WrittenDates((date, *rest.dates), (separator[0], *rest.between), (is_bare, *rest.is_bare))
    return None


def _before(text: str, following: WrittenDate) -> tuple[WrittenDate, bool] | None:
    """Return the date before another one, and whether it is a bare day."""
    if bare := bare_day(text, following):
        return bare, True
    date = read_date(text, following.lang, following.day)
    return (date.not_after(following), False) if date else None
