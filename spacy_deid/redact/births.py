"""Ages and dates of birth that still agree when both are replaced.

Whoever is 66 and was born in 1957 must not become 68 and born in 1958. All ages of a scope move by one number of years,
and dates of birth by the same number the other way, beside the days that all dates move by.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from spacy_deid.lang.surrogates.tables import read_table
from spacy_deid.redact.dates import WrittenDate, read_date, years_later
from spacy_deid.redact.modes.shift import UNSAID, shift_days
from spacy_deid.redact.replacer import Identifier, Scope

_OLDEST = 89  # ages over 89 tell who somebody is (45 CFR 164.514)
_YEARS_APART = 3
_YOUNGEST_MOVED = 5  # below, a year is much of a life: the days that all dates move by must do
_BEFORE = 40  # characters in which a cue for a date of birth stands
_YEAR = re.compile(r"(?:18|19|20)\d\d", re.ASCII)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Births:
    """Which identifiers of a document are dates of birth, and how these and ages move.

    born: the days that the document names as somebody's birth; where one of them stands again, it moves in the same
    way. latest: the last full date that is none, as a reader would take for the day of the note.
    """

    text: str
    scope: Scope
    keep_weekday: bool
    born: frozenset[dt.date]
    latest: dt.date

    @classmethod
    def of(cls, identifiers: Sequence[Identifier], text: str, scope: Scope, keep_weekday: bool) -> "Births":
        """Find the dates of birth among the identifiers of a document."""
        dated = [(each, read_date(each.text, scope.lang, UNSAID)) for each in identifiers if each.category == "DATE"]
        full = [(each, _in_the_past(date.day)) for each, date in dated if date and date.is_full]
        born = frozenset(day for each, day in full if _has_cue(each, text, scope.lang))
        others = [day for _, day in full if day not in born]
        return cls(text, scope, keep_weekday, born, max(others, default=UNSAID))

    def replacement(self, identifier: Identifier) -> str | None:
        """Return a date or year of birth, moved; None for what is none, or would stay what it is."""
        date = read_date(identifier.text, self.scope.lang, UNSAID)
        if date is None or not self._is_birth(identifier, date):
            return None
        day = _in_the_past(date.day)
        moved = date.on(self._moved_year(day) if date.precision == "year" else self.moved(day))
        return None if moved.casefold() == identifier.text.casefold() else moved

    def moved(self, day: dt.date) -> dt.date:
        """Return the day of somebody's birth, moved."""
        day = _in_the_past(day)
        moved = years_later(day + dt.timedelta(days=self._days), -self._years_older(day))
        if self.keep_weekday:
            half = _WEEK // 2
            moved += dt.timedelta(days=(day.weekday() - moved.weekday() + half) % _WEEK - half)
        return moved

    def age(self, age: int) -> int:
        """Return another age, from 1 to 89 years, that is up to three years away where it can be."""
        away = self._away
        return next((new for new in (age + away, age - away) if 1 <= new <= _OLDEST), _OLDEST)

    @property
    def _days(self) -> int:
        return shift_days(self.scope, self.keep_weekday)

    @property
    def _away(self) -> int:
        """How many years all ages move by: against the days, so that no year of birth ever stays what it is."""
        years = self.scope.random("age").randint(1, _YEARS_APART)
        return -years if self._days > 0 else years

    def _moved_year(self, day: dt.date) -> dt.date:
        """Return a day in the year that has the distance of the new age to the year of the moved note."""
        note_moves = (self.latest + dt.timedelta(days=self._days)).year - self.latest.year
        return years_later(day, note_moves - self._years_older(day))

    def _years_older(self, day: dt.date) -> int:
        age = self.latest.year - day.year
        return self.age(age) - age if age >= _YOUNGEST_MOVED else 0

    def _is_birth(self, identifier: Identifier, date: WrittenDate) -> bool:
        is_year = _YEAR.fullmatch(identifier.text) is not None
        is_dated = identifier.category == "DATE" or (identifier.category == "ID" and is_year)
        return is_dated and (_in_the_past(date.day) in self.born or _has_cue(identifier, self.text, self.scope.lang))


def _in_the_past(day: dt.date) -> dt.date:
    """Return the day a century earlier where it is years ahead: of two digits, "57" was read as 2057."""
    return day if day.year <= dt.date.today().year + 1 else years_later(day, -100)


def _has_cue(identifier: Identifier, text: str, lang: str) -> bool:
    """Whether the words before an identifier say that somebody was born then."""
    return _cue(lang).search(text[max(0, identifier.start - _BEFORE) : identifier.start]) is not None


@cache
def _cue(lang: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{read_table(lang, 'dates.toml')['born']['before']})\Z", re.IGNORECASE | re.VERBOSE)
