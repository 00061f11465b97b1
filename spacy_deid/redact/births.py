"""Years of birth that still agree with the ages in the text: "66 år, f. 1957"."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from spacy_deid.lang.dates import WrittenDate, years_later
from spacy_deid.lang.pack import pack_of
from spacy_deid.surrogates.identifier import Identifier

_BEFORE = 40  # characters before a date that are searched for a cue of birth
_NUMBER = re.compile(r"\d{1,3}(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Births:
    """The ages in a document, and its own date.

    ages: in years, as written. written: the last full date that is not a date of birth, which a reader would take for
    the day of the note; None without one.
    """

    text: str
    ages: frozenset[int]
    written: dt.date | None

    @classmethod
    def of(
        cls, entities: Sequence[Identifier], dates: Sequence[tuple[Identifier, dt.date]], text: str, lang: str
    ) -> "Births":
        """Read the ages and dates of a document.

        Args:
            entities: all entities of the document.
            dates: those of them that are full dates, with their day.
            text: the document.
            lang: code of the language pack.
        """
        numbers = (_NUMBER.search(each.text) for each in entities if each.category == "AGE")
        days = [in_the_past(day) for each, day in dates if not has_cue(each, text, lang)]
        return cls(text, frozenset(int(number[0]) for number in numbers if number), max(days, default=None))

    def moved_year(self, identifier: Identifier, date: WrittenDate, days: int) -> str | None:
        """Return a year of birth as another year that agrees with an age in the text.

        A person who is 66 on a day in 2023 was born in 1956 or 1957.

        Args:
            identifier: the date as an entity.
            date: the date as it was read.
            days: by how many days dates move.

        Returns:
            The date with another year; None for any date but a year of birth beside an age that agrees with it.
        """
        if self.written is None or date.precision != "year" or not has_cue(identifier, self.text, date.lang):
            return None
        year = in_the_past(date.day).year
        age = next((age for age in sorted(self.ages) if self.written.year - year - age in (0, 1)), None)
        if age is None:
            return None
        latest = (self.written + dt.timedelta(days=days)).year - age
        new = next(other for other in (latest, latest - 1) if other != year)
        return date.on(date.day.replace(year=date.day.year + new - year))


def in_the_past(day: dt.date) -> dt.date:
    """Return the day a century earlier if it is in the future: the two-digit year "57" was read as 2057."""
    return day if day.year <= dt.date.today().year + 1 else years_later(day, -100)


def has_cue(identifier: Identifier, text: str, lang: str) -> bool:
    """Whether the words before a date introduce a date of birth.

    Args:
        identifier: the date.
        text: the document.
        lang: code of the language pack.
    """
    return _cue(lang).search(text[max(0, identifier.start - _BEFORE) : identifier.start]) is not None


@cache
def _cue(lang: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pack_of(lang).facts.birth_cue or '(?!)'})\Z", re.IGNORECASE | re.VERBOSE)
