"""The parts of a day, for the rules that write dates."""

import datetime as dt
from collections.abc import Mapping
from typing import Any


def day_values(day: dt.date, forms: Mapping[str, Any]) -> dict[str, str]:
    """Return day, month, year, ISO week and weekday as digits (dd: padded) and words of forms.toml."""
    endings = forms["ordinal_endings"]
    return {
        "d": str(day.day),
        "dd": f"{day.day:02}",
        "m": str(day.month),
        "mm": f"{day.month:02}",
        "yy": f"{day.year % 100:02}",
        "yyyy": str(day.year),
        "month": forms["months"][day.month - 1],
        "mon": forms["months_short"][day.month - 1],
        "weekday": forms["weekdays"][day.weekday()],
        "wd": forms["weekdays_short"][day.weekday()],
        "week": str(day.isocalendar().week),
        "ending": endings.get(str(day.day), endings["other"]),
    }
