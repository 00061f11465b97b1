"""Personnummer, samordningsnummer and reserve numbers, checked, made and replaced; and telephone numbers.

A number is a date of birth (yymmdd or yyyymmdd), a birth number of three digits, odd for men, and a check digit. In a
samordningsnummer 60 is added to the day.
"""

import datetime as dt
import re
from random import Random

from stdnum import luhn

from spacy_deid.lang.identity import Person, in_form
from spacy_deid.lang.places import Town

GIVEN = ("cc", "yymmdd", "tail", "org", "lid", "county")

_FORM = re.compile(r"(?:(?:1[89]|20) ?)?\d{6} ?[-+–]? ?\d{4}")
_ADDED = 60  # to the day of a samordningsnummer
# the first two digits of a national reserve number's year: those of the year of birth
_CENTURIES_OF_RESERVE_NUMBERS = {"21": "18", "22": "19", "23": "20"}
# birth numbers that the Tax Agency assigns to test persons only; and those of most of its published test numbers
_TEST_PERSONS = range(980, 1000)
_PUBLISHED = (238, 239, *_TEST_PERSONS)
# how often a made number has a published birth number; with these alone a model would learn them, and the others may
# by chance be a real person's
_TEST_SHARE = 0.6
_COORDINATION_SHARE = 0.05

# The Post and Telecom Authority reserves these for books and films: 070-174 06 05 to 99 among mobile numbers, and
# series of Stockholm, Gothenburg, Malmö and Jokkmokk.
_MOBILE = [f"07017406{number:02}" for number in range(5, 100)]
_LANDLINES = {
    "031": [f"031390{number:04}" for number in range(600, 700)],
    "040": [f"040628{number:04}" for number in range(400, 500)],
    "0980": [f"0980319{number:03}" for number in range(200, 300)],
    "08": [f"08465{number:05}" for number in range(400, 500)],
}
_ABROAD = re.compile(r"(?:\+|00)46[ -]?(?:\(0\))?[ -]?")


def is_personal_number(text: str) -> bool:
    """Whether a personnummer or samordningsnummer has a possible date of birth and the right check digit."""
    return has_birth_date(text) and luhn.is_valid(digits_of(text)[-10:])


def has_birth_date(text: str) -> bool:
    """Whether the digits begin with a date of birth, of six digits or of eight."""
    digits = digits_of(text)
    with_century = len(digits) >= 8 and digits[:2] in ("18", "19", "20") and _birth(digits[:8]) is not None
    return with_century or (len(digits) != 12 and _birth(digits[:6]) is not None)


def is_national_reserve_number(text: str) -> bool:
    """Whether the digits begin with a date of birth whose century may be 3 higher: 22 for 19."""
    digits = digits_of(text)
    century = _CENTURIES_OF_RESERVE_NUMBERS.get(digits[:2], digits[:2])
    return has_birth_date(f"{century}{digits[2:8]}0000")


def made(person: Person, rng: Random) -> dict[str, str]:
    """Return the parts of a personnummer (or samordningsnummer) of the person's birth and gender, and their rule."""
    parts = birth_parts(person.birth, _ADDED if rng.random() < _COORDINATION_SHARE else 0)
    serial = f"{_birth_number(person.gender, rng):03}"
    parts["tail"] = serial + luhn.calc_check_digit(parts["yymmdd"] + serial)
    parts["rule"] = "identity_past_100" if person.years >= 100 else "identity"
    return parts


def licence(town: Town, rng: Random) -> dict[str, str]:
    """Return the organisation number of an HSA-id: ten digits with a check digit."""
    number = f"2321{int(rng.random() * 100000):05}"
    return {"org": number + luhn.calc_check_digit(number)}


def registered(person: Person, rng: Random) -> dict[str, str]:
    """Return the parts of the date of birth for reserve numbers, and a ten-digit LID number with a check digit."""
    number = f"{int(rng.random() * 10**9):09}"
    return birth_parts(person.birth) | {"lid": number + luhn.calc_check_digit(number)}


def replaced(text: str, days: int, rng: Random) -> str | None:
    """Return a test person's number, of the same gender, in the form of a given number.

    Args:
        text: a personnummer or samordningsnummer, with or without century and hyphen.
        days: how many days later than the person of ``text`` the test person is born.
        rng: draws the birth number.

    Returns:
        The number; None if ``text`` is not such a number with a possible date of birth.
    """
    digits = digits_of(text)
    century, ten = digits[:-10], digits[-10:]
    birth = _birth(century + ten[:6]) if _FORM.fullmatch(text) else None
    if birth is None:
        return None
    is_male, is_coordination = int(ten[8]) % 2, int(ten[4:6]) > _ADDED
    number = rng.choice([number for number in _TEST_PERSONS if number % 2 == is_male])
    parts = birth_parts(birth + dt.timedelta(days=days), _ADDED if is_coordination else 0)
    body = f"{parts['yymmdd']}{number}"
    return in_form((parts["cc"] if century else "") + body + luhn.calc_check_digit(body), text)


def phone(text: str, rng: Random) -> str:
    """Return a number reserved for fiction: mobile, or of the same city if it has a series, else of Stockholm.

    The form is kept if a number of ten digits can have it.
    """
    abroad = _ABROAD.match(text)
    digits = re.sub(r"\D", "", text[abroad.end() :] if abroad else text)
    national = "0" + digits if abroad and not digits.startswith("0") else digits
    area = next((area for area in _LANDLINES if national.startswith(area)), "08")
    drawn = rng.choice(_MOBILE if national.startswith("07") else _LANDLINES[area])
    keeps_area = national.startswith(("07", area))
    if len(national) != len(drawn) or not keeps_area:
        area = "070" if national.startswith("07") else area
        rest = drawn.removeprefix(area)
        opening = abroad[0] + area[1:] if abroad else area
        return f"{opening}-{rest[:3]} {rest[3:-2]} {rest[-2:]}"
    if abroad:
        return abroad[0] + in_form(drawn[len(drawn) - len(digits) :], text[abroad.end() :])
    return in_form(drawn, text)


def birth_parts(birth: dt.date, added_to_day: int = 0) -> dict[str, str]:
    """Return the century ("cc") and the six digits ("yymmdd") of a date of birth."""
    return {
        "cc": f"{birth.year // 100}",
        "yymmdd": f"{birth.year % 100:02}{birth.month:02}{birth.day + added_to_day:02}",
    }


def _birth(digits: str) -> dt.date | None:
    """Return the date of birth in six or eight digits; six are read as one of this century."""
    eight = digits if len(digits) == 8 else f"20{digits}"
    try:
        day = int(eight[6:])
        return dt.date(int(eight[:4]), int(eight[4:6]), day - _ADDED if day > _ADDED else day)
    except ValueError:
        return None


def _birth_number(gender: str, rng: Random) -> int:
    if rng.random() < _TEST_SHARE:
        number = _PUBLISHED[int(rng.random() * len(_PUBLISHED))]
    else:
        number = 1 + int(rng.random() * (_TEST_PERSONS[0] - 1))
    return number - (number % 2) + (gender == "m") if number > 1 else 2 + (gender == "m")


def digits_of(text: str) -> str:
    """Return the digits of a text, without anything in between."""
    return re.sub(r"\D", "", text)
