"""Checks of Swedish dates found by their form: str -> bool."""

import datetime as dt
import re

from spacy_deid.lang.sv.identity import digits_of


def is_compact_date(text: str) -> bool:
    """Whether 6 digits (yymmdd) or 8 (yyyymmdd) are a day of the calendar: "230914", "23-09-14"."""
    digits = digits_of(text)
    digits = digits if len(digits) == 8 else f"20{digits}"
    return _is_date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def is_day_and_month(text: str) -> bool:
    """Whether the first two numbers are a day and a month; in "12-15/4" the last two."""
    days, slash, rest = text.partition("/")
    day, month = re.findall(r"\d+", re.split("[-–]", days)[-1] + slash + rest if slash else text)[:2]
    return _is_date(2000, int(month), int(day))


def is_misread_day_and_month(text: str) -> bool:
    """Whether a day and a month are there once a small L is read as 1 and an O as 0: "26/ll"."""
    return is_day_and_month(text.replace("l", "1").replace("O", "0"))


def are_days_before_month(text: str) -> bool:
    """Whether ordered days precede a month's number, and not a fraction: "1, 3 och 7/6"."""
    *days, month = map(int, re.findall(r"\d+", text))
    return days == sorted(set(days)) and days[-1] > month and _is_date(2000, month, days[-1])


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True
