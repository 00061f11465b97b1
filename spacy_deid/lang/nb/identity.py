"""Norwegian identity numbers and telephones: to check, to make, and to replace by numbers that nobody has.

Numbers that are made are those of Skatteetaten's synthetic population register (Tenor), in which 80 is added to the
month of birth: https://skatteetaten.github.io/folkeregisteret-api-dokumentasjon/ny-versjon-av-syntetisk-folkeregister/.
NAV's synthetic numbers (40 added) share their form with the H-nummer that hospitals give, so that they are not used.
"""

import datetime as dt
import re
from random import Random

from stdnum.no import fodselsnummer, orgnr

from spacy_deid.lang.identity import Person, in_form
from spacy_deid.lang.places import Town

# the parts that `made`, `licence` and `registered` return
GIVEN = ("ddmmyy", "serial", "hpr", "npr")

_FORM = re.compile(r"\d{2}\.?\d{2}\.?\d{2}[ ]?[-–]?[ ]?\d{3}[ ]?\d{2}\.?")  # a sentence may end within its token
_D_NUMBER = 40  # added to the day
_H_NUMBER, _SYNTHETIC = 40, 80  # added to the month
_D_SHARE = 0.06
# of individual numbers in each century, see forskrift til folkeregisterloven § 2-2-1
_SERIES = {18: range(500, 750), 19: range(500), 20: range(500, 1000)}
_ABROAD = re.compile(r"\(?(?:\+|00)47\)?[ -]?")
# the series that Nkom, the communications authority, sets aside for film and television: 68 05 00 00 to 68 05 99 99, as
# the package norwegian-fake-data documents it
_FICTION = "6805"
_SUBSCRIBER = 8  # digits of a number that is neither internal nor of five digits


def is_identity_number(text: str) -> bool:
    """Return whether a fødselsnummer, D-nummer or H-nummer, of a test person too, has both its check digits right."""
    return has_birth_date(text) and _has_check_digits(_digits(text))


def is_fh_number(text: str) -> bool:
    """Return whether 11 digits that begin with 8 or 9 have both check digits right: FH-nummer."""
    digits = _digits(text)
    return digits[:1] in ("8", "9") and _has_check_digits(digits)


def is_organisation_number(text: str) -> bool:
    """Return whether the check digit of nine digits is right (mod 11)."""
    return orgnr.is_valid(_digits(text))


def has_birth_date(text: str) -> bool:
    """Return whether 11 digits begin with a date of birth, whatever is added to its day or month."""
    digits = _digits(text)
    return len(digits) == 11 and _birth(digits) is not None


def made(person: Person, rng: Random) -> dict[str, str]:
    """Return the parts of a test person's fødselsnummer (or D-nummer) of the person's birth and gender."""
    added = _D_NUMBER if rng.random() < _D_SHARE else 0
    number = _test_number(person.birth, person.gender, added, rng)
    return {"rule": "identity", "ddmmyy": number[:6], "serial": number[6:]}


def licence(town: Town, rng: Random) -> dict[str, str]:
    """Return the number of a member of staff in Helsepersonellregisteret (HPR): seven digits, without a check digit."""
    return {"hpr": f"{10**6 + int(rng.random() * 9 * 10**6)}"}


def registered(person: Person, rng: Random) -> dict[str, str]:
    """Return the number of a patient in the register of a hospital: nine digits, without a check digit."""
    return {"npr": f"{10**8 + int(rng.random() * 9 * 10**8)}"}


def replaced(text: str, days: int, rng: Random) -> str | None:
    """Return a test person's number, of the same gender and kind, in the form of a given number.

    Args:
        text: a fødselsnummer, D-nummer or H-nummer, with or without a space before the last five digits.
        days: how many days later than the person of ``text`` the test person is born.
        rng: draws the individual number.

    Returns:
        The number; None where ``text`` is none with a possible date of birth.
    """
    digits = _digits(text)
    birth = _birth(digits) if _FORM.fullmatch(text) else None
    if birth is None:
        return None
    gender = "m" if int(digits[8]) % 2 else "f"
    added = _D_NUMBER if int(digits[:2]) > _D_NUMBER else 0
    return in_form(_test_number(birth + dt.timedelta(days=days), gender, added, rng), text)


def phone(text: str, rng: Random) -> str:
    """Return a number reserved for fiction, in the form of the given one; of fewer digits, internal ones, any other."""
    abroad = _ABROAD.match(text)
    opening = abroad[0] if abroad else ""
    digits = _digits(text[len(opening) :])
    kept = _FICTION if len(digits) == _SUBSCRIBER else digits[:1]
    drawn = kept + "".join(str((int(digit) + rng.randint(1, 9)) % 10) for digit in digits[len(kept) :])
    return opening + in_form(drawn, text[len(opening) :])


def _test_number(birth: dt.date, gender: str, added_to_day: int, rng: Random) -> str:
    """Return the 11 digits of a test person; individual numbers that have no check digits are passed over."""
    date = f"{birth.day + added_to_day:02}{birth.month + _SYNTHETIC:02}{birth.year % 100:02}"
    numbers = [number for number in _SERIES[birth.year // 100] if number % 2 == (gender == "m")]
    start = int(rng.random() * len(numbers))
    candidates = (f"{date}{number:03}" for number in [*numbers[start:], *numbers[:start]])
    return next(number for body in candidates if (number := _with_check_digits(body)))


def _with_check_digits(body: str) -> str:
    """Return nine digits with their check digits; "" where one of these would be 10."""
    first = fodselsnummer.calc_check_digit1(body)
    second = fodselsnummer.calc_check_digit2(body + first) if len(first) == 1 else ""
    return body + first + second if len(second) == 1 else ""


def _has_check_digits(digits: str) -> bool:
    return len(digits) == 11 and _with_check_digits(digits[:9]) == digits


def _birth(digits: str) -> dt.date | None:
    """Return the date of birth that a number begins with; python-stdnum knows no test persons."""
    day, month, year, individual = int(digits[:2]), int(digits[2:4]), int(digits[4:6]), int(digits[6:9])
    day -= _D_NUMBER if day > _D_NUMBER else 0
    month -= _SYNTHETIC if month > _SYNTHETIC else _H_NUMBER if month > _H_NUMBER else 0
    try:
        return dt.date(_century(year, individual) * 100 + year, month, day)
    except ValueError:
        return None


def _century(year: int, individual: int) -> int:
    if individual < 500 or (individual >= 900 and year >= 40):
        return 19
    return 18 if individual < 750 and year >= 54 else 20


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
