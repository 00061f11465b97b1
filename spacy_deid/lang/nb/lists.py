"""Lists that the Norwegian checks look words up in: those of lists/, and the names of every origin."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from spacy_deid.lang.pack import ANY, pack_of


def letters(text: str) -> list[str]:
    """Return the words of ``text``, without digits and hyphens."""
    return re.findall(r"[^\W\d_]+", text)


def known(name: str) -> frozenset[str]:
    """Return the entries of lists/NAME.txt that are hardly anything else, in lower case."""
    return pack_of("nb").list(name).sure


def ambiguous(name: str) -> frozenset[str]:
    """Return the entries of lists/NAME.txt that carry the mark "?", in lower case."""
    return pack_of("nb").list(name).marked


@cache
def first_names() -> frozenset[str]:
    """Return the first names of every origin, in lower case."""
    listed = (name for table in _tables() for name in letters(f"{table['female']} {table['male']}".casefold()))
    return frozenset(listed) | known("first_names")


@cache
def surnames() -> frozenset[str]:
    """Return the surnames of every origin, in lower case."""
    return frozenset(name for table in _tables() for name in letters(table["last"].casefold())) | known("surnames")


@cache
def hospitals() -> frozenset[str]:
    """Return the full and everyday names of hospitals, in lower case, without those of three letters."""
    lines = (re.split("[=,]", line) for line in pack_of("nb").list("hospitals").entries)
    names = (name.strip().casefold() for line in lines for name in line)
    return frozenset(name for name in names if len(name) > 3 or name in _SHORT_AND_SURE)


# OUS and UNN mean no more than a hospital; SUS, HUS and the like are words and abbreviations too
_SHORT_AND_SURE = ("ous", "unn")


def _tables() -> list[Mapping[str, Any]]:
    return [pack_of(ANY).names(origin) for origin in pack_of(ANY).origins()]
