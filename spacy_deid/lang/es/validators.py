"""Checks that a Spanish number or date is what its form promises."""

from datetime import date

from phonenumbers import NumberParseException, is_valid_number, parse
from stdnum.es import dni, nie


def is_dni(text: str) -> bool:
    """Whether the letter of a Documento Nacional de Identidad fits its digits (mod 23)."""
    return dni.is_valid(_plain(text))


def is_nie(text: str) -> bool:
    """Whether the letter of a Número de Identidad de Extranjero fits its digits (mod 23)."""
    return nie.is_valid(_plain(text))


def is_nass(text: str) -> bool:
    """Whether the last two digits of a social security number are the rest of the others by 97.

    Province (2), serial (7 or 8) and check (2): a serial below ten million counts as if it had seven digits.
    """
    digits = _plain(text)
    if not (digits.isascii() and digits.isdigit() and len(digits) in (11, 12)):
        return False
    province, serial, check = int(digits[:2]), int(digits[2:-2]), int(digits[-2:])
    width = 10**7 if serial < 10**7 else 10**8
    return 0 < province <= 66 and (province * width + serial) % 97 == check


def is_phone(text: str) -> bool:
    """Whether a number is one that the Spanish plan, or the plan of its own country code, gives out."""
    try:
        return is_valid_number(parse(text, "ES"))
    except NumberParseException:
        return False


def is_date(text: str) -> bool:
    """Whether day, month and year, parted by any marks, are a day of the calendar from 1900 to 2099.

    The year stands last, or first with four digits; with two it is any year.
    """
    parts = "".join(mark if mark.isdigit() else " " for mark in text).split()
    if len(parts) != 3:
        return False
    day, month, year = reversed(parts) if len(parts[0]) == 4 else parts
    try:
        found = date(int(year) if len(year) == 4 else 2000 + int(year), int(month), int(day))
    except ValueError:
        return False
    return 1900 <= found.year < 2100


def _plain(text: str) -> str:
    """Return the letters and digits alone."""
    return "".join(filter(str.isalnum, text)).upper()
