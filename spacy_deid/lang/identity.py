"""The numbers of a language that are made and replaced by code: ``identity.py`` of a language pack.

Each function may be missing. The pack's forms.toml then writes its numbers from digits alone, and surrogates change the
digits of a number without regard to a check digit.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, fields
from random import Random

from spacy_deid.lang.names import Origin
from spacy_deid.lang.pack import pack_of
from spacy_deid.lang.places import Town

_KEPT = 2  # first digits of a telephone number: mobile or not, or the area


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


def _any_phone(text: str, rng: Random) -> str:
    """Return a number that begins as the given one and goes on otherwise."""
    digits = [character for character in text if character.isdecimal()]
    others = [str((int(digit) + rng.randint(1, 9)) % 10) for digit in digits[_KEPT:]]
    return with_digits(text, "".join([*digits[:_KEPT], *others]))


@dataclass(frozen=True, slots=True)
class Numbers:
    """What identity.py of a pack has, each with what counts where it has none.

    GIVEN: the names of the parts that the next three return, for the rules of forms.toml. made: the parts of a person's
    identity number, "rule" among them. licence: those of a member of staff's number, by the town. registered: those of
    other numbers of a person. replaced: an identity number in the form of a given one, of somebody born so many days
    later, that nobody has; None for a text that is none. phone: the same of a telephone number.
    """

    GIVEN: tuple[str, ...] = ()
    made: Callable[[Person, Random], dict[str, str]] = lambda person, rng: {"rule": "identity"}
    licence: Callable[[Town, Random], dict[str, str]] = lambda town, rng: {}
    registered: Callable[[Person, Random], dict[str, str]] = lambda person, rng: {}
    replaced: Callable[[str, int, Random], str | None] = lambda text, days, rng: None
    phone: Callable[[str, Random], str] = _any_phone


def with_digits(form: str, digits: str) -> str:
    """Return ``form`` with ``digits``, as many as it has, in place of its own."""
    rest = iter(digits)
    return "".join(next(rest) if character.isdecimal() else character for character in form)


def numbers_of(lang: str) -> Numbers:
    """Return the numbers of the language pack ``lang``."""
    module = pack_of(lang).module("identity")
    return Numbers(**{each.name: getattr(module, each.name) for each in fields(Numbers) if hasattr(module, each.name)})
