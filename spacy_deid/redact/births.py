"""Years of birth that still agree with the ages beside them: "66 år, f. 1957"."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from spacy_deid.lang.dates import WrittenDate, years_later
from spacy_deid.lang.pack import pack_of
from spacy_deid.surrogates.identifier import Identifier

_BEFORE = 40  # characters in which a cue for a date of birth stands
_NUMBER = re.compile(r"\d{1,3}(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Births:
    """What a document says of ages and of its own time.

    ages: in years, as the text says them. written: the last full date that is no date of birth, which a reader would
    take for the day of the note; None where there is none.
    """

    text: str
    ages: frozenset[int]
    written: dt.date | None

    @classmethod
    def of(
        cls, entities: Sequence[Identifier], dates: Sequence[tuple[Identifier, dt.date]], text: str, lang: str
    ) -> "Births":
        """Return what the entities of a document say; ``dates``: those of them that are full dates, with their day."""
        numbers = (_NUMBER.search(each.text) for each in entities if each.category == "AGE")
        days = [in_the_past(day) for each, day in dates if not has_cue(each, text, lang)]
        return cls(text, frozenset(int(number[0]) for number in numbers if number), max(days, default=None))

    def moved_year(self, identifier: Identifier, date: WrittenDate, days: int) -> str | None:
        """Return a year of birth as another year in which somebody of an age of the text may be born.

        A person who is 66 on a day of 2023 was born in 1956 or 1957. None for any date but a year of birth beside
        such an age.
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
    """Return the day a century earlier where it is years ahead: of two digits, "57" was read as 2057."""
    return day if day.year <= dt.date.today().year + 1 else years_later(day, -100)


def has_cue(identifier: Identifier, text: str, lang: str) -> bool:
    """Whether the words before an identifier say that somebody was born then."""
    return _cue(lang).search(text[max(0, identifier.start - _BEFORE) : identifier.start]) is not None


@cache
def _cue(lang: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pack_of(lang).facts.birth_cue or '(?!)'})\Z", re.IGNORECASE | re.VERBOSE)
