"""What `deid_redact` writes in the place of identifiers is known when read again.

``[NAME]``, ``[NAME_1]``, ``[NAME_3f9a2c71e0]``.
"""

import re
from collections.abc import Iterator

from spacy_deid.labels import categories
from spacy_deid.lang.recognizer import Match

RULE = "placeholder"
_CERTAIN = 1.0
# a hash has a letter, as ten digits might be somebody's number
_TOLD_APART = r"_(?:[0-9]{1,4}|(?=[0-9]*[a-f])[0-9a-f]{10})"
# the band of the oldest is the one that surrogates hold
_FORM = re.compile(rf"\[(?:(?P<category>{'|'.join(categories())})(?:{_TOLD_APART})?|90\+)\]")
_WITH_UNIT = re.compile(rf"{_FORM.pattern}(?:[ -]?(?i:år[a-zåäö]{{0,5}}|å|años?)(?i:[ ]gam(?:mal|la|malt|l))?)?")


def find_placeholders(text: str) -> Iterator[Match]:
    """Yield the placeholders in ``text``, in order; their label is a category."""
    for found in _FORM.finditer(text):
        yield Match(found.start(), found.end(), found["category"] or "AGE", RULE, _CERTAIN)


def is_placeholder(text: str) -> bool:
    """Whether ``text`` is a placeholder and no more than the unit of an age: "[90+] år"."""
    return _WITH_UNIT.fullmatch(text) is not None
