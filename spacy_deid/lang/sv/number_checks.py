"""Checks of numbers and dates: str -> bool, on the span's text."""

import datetime
import re

from stdnum import luhn

_NUMBER_WORD = re.compile(
    "ett|två|tre|fyra|fem|sex|sju|åtta|nio|tio|elva|tolv|tretton|fjorton|femton|sexton|sjutton|arton|nitton|tjugo|"
    "trettio|fyrtio|femtio|sextio|sjuttio|åttio|nittio|hundra",
    re.IGNORECASE,
)


def is_personal_number(text: str) -> bool:
    """Return whether a personnummer or samordningsnummer has a possible date of birth and the right check digit."""
    return has_birth_date(text) and luhn.is_valid(_digits(text)[-10:])


def has_birth_date(text: str) -> bool:
    """Return whether the digits begin with a date of birth; in a samordningsnummer its day is 60 higher."""
    digits = _digits(text)
    with_century = len(digits) >= 8 and digits[:2] in ("18", "19", "20") and _is_birth(digits[:4], digits[4:8])
    return with_century or (len(digits) != 12 and _is_birth("20" + digits[:2], digits[2:6]))


def is_national_reserve_number(text: str) -> bool:
    """Return whether the digits begin with a date of birth whose century may be 3 higher: 22 for 19."""
    digits = _digits(text)
    century = {"21": "18", "22": "19", "23": "20"}.get(digits[:2], digits[:2])
    return has_birth_date(f"{century}{digits[2:8]}0000")


def is_compact_date(text: str) -> bool:
    """Return whether 6 digits (yymmdd) or 8 (yyyymmdd) are a day of the calendar."""
    century = "" if len(text) == 8 else "20"
    digits = century + text
    return _is_date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def is_short_iso_date(text: str) -> bool:
    """Return whether the numbers of "23-09-14" are a day of the calendar, and no Apgar score."""
    return is_compact_date(_digits(text)) and not text.startswith("10-10-10")


def is_day_and_month(text: str) -> bool:
    """Return whether the first two numbers are a day and a month; in "12-15/4" the last two."""
    days, slash, rest = text.partition("/")
    day, month = re.findall(r"\d+", re.split("[-–]", days)[-1] + slash + rest if slash else text)[:2]
    return _is_date(2000, int(month), int(day))


def are_days_before_month(text: str) -> bool:
    """Return whether days in order stand before a month's number, and no fraction: "1, 3 och 7/6"."""
    *days, month = map(int, re.findall(r"\d+", text))
    return days == sorted(set(days)) and days[-1] > month and _is_date(2000, month, days[-1])


def is_luhn(text: str) -> bool:
    """Return whether the check digit of the digits is right (ISO/IEC 7812)."""
    return luhn.is_valid(_digits(text))


def is_ip_address(text: str) -> bool:
    """Return whether four numbers between dots are all below 256."""
    return all(int(part) < 256 for part in text.split("."))


def is_phone_number(text: str) -> bool:
    """Return whether a Swedish subscriber number with area code has a possible length, 8 to 10 digits."""
    return 8 <= len(_digits(text)) <= 10


def begins_with_number_word(text: str) -> bool:
    """Return whether the text begins with a number in words."""
    return _NUMBER_WORD.match(text) is not None


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_birth(year: str, month_day: str) -> bool:
    day = int(month_day[2:])
    return _is_date(int(year), int(month_day[:2]), day - 60 if day > 60 else day)


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True
