"""Numbers that a language makes and replaces by code: the module ``identity.py`` of a language pack.

Each function is optional. Without it, the pack's forms.toml writes numbers from digits alone, and surrogates change
the digits of a number without regard to a check digit.
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
    """A made-up person, as seen on the day of the note.

    ``family`` is the (first) surname, ``masculine`` its form for the men of the family, ``last`` all surnames.
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


def other_phone(text: str, rng: Random) -> str:
    """Return a number with the same first digits as the given one and other digits after them."""
    digits = [character for character in text if character.isdecimal()]
    others = [str((int(digit) + rng.randint(1, 9)) % 10) for digit in digits[_KEPT:]]
    return in_form("".join([*digits[:_KEPT], *others]), text)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The contents of a pack's identity.py, with the defaults for a pack that lacks them.

    GIVEN: the names of the parts that the next three return, for the rules of forms.toml. made: the parts of a person's
    identity number, including its "rule". licence: the parts of the number of a member of staff, by town. registered:
    the parts of a person's other numbers. replaced: an unassigned identity number in the form of a given one, of a
    person born the given days later; None for a text that is not an identity number. phone: another telephone
    number in the form of a given one, reserved for fiction if there are such numbers.
    """

    GIVEN: tuple[str, ...] = ()
    made: Callable[[Person, Random], dict[str, str]] = lambda person, rng: {"rule": "identity"}
    licence: Callable[[Town, Random], dict[str, str]] = lambda town, rng: {}
    registered: Callable[[Person, Random], dict[str, str]] = lambda person, rng: {}
    replaced: Callable[[str, int, Random], str | None] = lambda text, days, rng: None
    phone: Callable[[str, Random], str] = other_phone


def in_form(digits: str, form: str) -> str:
    """Return ``digits`` in the form of another number, which has as many: its other characters stay."""
    rest = iter(digits)
    return "".join(next(rest) if character.isdecimal() else character for character in form)


def numbers_of(lang: str) -> Numbers:
    """Return the numbers of the language pack ``lang``."""
    module = pack_of(lang).module("identity")
    return Numbers(**{each.name: getattr(module, each.name) for each in fields(Numbers) if hasattr(module, each.name)})
