"""Checks of Spanish dates found by their form: str -> bool."""

import re
from datetime import date


def is_date(text: str) -> bool:
    """Whether day, month and year, separated by any marks, are a day of the calendar from 1900 to 2099.

    The year is last, or first if it has four digits; two digits are any year.
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


def is_compact_date(text: str) -> bool:
    """Whether eight digits (yyyymmdd) are a day of the calendar from 1900 to 2099."""
    return is_date(f"{text[:4]} {text[4:6]} {text[6:]}")


def is_range_of_days(text: str) -> bool:
    """Whether both ends of a range are a day and a month, and at least one is not a fraction or score such as 7/10."""
    days = [(int(day), int(month)) for day, month in re.findall(r"(?<![/\d])(\d{1,2})/(\d{1,2})", text)]
    return (
        len(days) == 2
        and all(is_date(f"{day}/{month}/2000") for day, month in days)
        and any(day > month for day, month in days)
    )


def is_year_or_years(text: str) -> bool:
    """Whether the text is one year, or two years in order: 2019-2021, 1998-99."""
    first, *last = re.findall(r"\d+", text)
    return not last or int(first) < int(first[: -len(last[0])] + last[0])
