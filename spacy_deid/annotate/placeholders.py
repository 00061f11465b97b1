"""Placeholders of `deid_redact`, recognised in a redacted text: ``[NAME]``, ``[NAME_1]``, ``[NAME_3f9a2c71e0]``."""

import re
from collections.abc import Iterator
from functools import cache

from spacy_deid.labels import categories
from spacy_deid.lang.pack import installed_packs
from spacy_deid.lang.recognizer import Match

RULE = "placeholder"
_CERTAIN = 1.0
# a hash has a letter, since ten digits might be a person's number
_SUFFIX = r"_(?:[0-9]{1,4}|(?=[0-9]*[a-f])[0-9a-f]{10})"
# of the bands of ages, surrogates contain only that of the oldest
_FORM = re.compile(rf"\[(?:(?P<category>{'|'.join(categories())})(?:{_SUFFIX})?|90\+)\]")


def find_placeholders(text: str) -> Iterator[Match]:
    """Yield the placeholders in ``text``, in order; their label is a category."""
    for found in _FORM.finditer(text):
        yield Match(found.start(), found.end(), found["category"] or "AGE", RULE, _CERTAIN)


def is_placeholder(text: str) -> bool:
    """Whether ``text`` is a placeholder, with at most the unit of an age in any language: "[90+] years"."""
    found = _FORM.match(text)
    return found is not None and any(unit.fullmatch(text, found.end()) for unit in _units())


@cache
def _units() -> tuple[re.Pattern[str], ...]:
    """Return the patterns of an empty text and of the units of ages in the installed languages."""
    units = ["", *(pack.facts.age_unit for pack in installed_packs())]
    return tuple(re.compile(unit, re.VERBOSE | re.IGNORECASE) for unit in units)
