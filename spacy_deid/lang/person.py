"""A person of one note."""

import datetime as dt
from dataclasses import dataclass

from spacy_deid.lang.names import Origin


@dataclass(frozen=True, slots=True)
class Person:
    """A person, seen on the day of the note.

    ``family`` is the (first) surname, ``masculine`` the form of it that men of the family bear; ``last`` is all
    surnames.
    """

    gender: str  # "f" or "m"
    origin: Origin
    first: str
    middle: str
    nick: str
    masculine: str
    family: str
    last: str
    birth: dt.date
    seen: dt.date

    @property
    def days(self) -> int:
        """Age in days on the day of the note."""
        return (self.seen - self.birth).days

    @property
    def years(self) -> int:
        """Age in whole years on the day of the note."""
        had_birthday = (self.seen.month, self.seen.day) >= (self.birth.month, self.birth.day)
        return self.seen.year - self.birth.year - (not had_birthday)
