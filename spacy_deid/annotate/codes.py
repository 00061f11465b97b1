"""Codes of letters and digits, which are replaced whole or not at all: half of one is a leak or a false change."""

import re
from collections.abc import Iterable
from dataclasses import replace

from spacy_deid.annotate.policy import CERTAIN, Claim, strongest
from spacy_deid.annotate.ranges import Range, Words
from spacy_deid.labels import category_of

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"[0-9a-f]{16,}", re.IGNORECASE)
_SHORTEST = 8  # letters and digits of a code
_FEWEST_CHANGES = 3  # runs of letters or digits: "K0867756N" has three, "tel0701234567" two


def whole_codes(words: Words, claims: Iterable[Claim]) -> list[Claim]:
    """Return claims without overlaps, in order; those that hold a part of a code hold all of it, or are gone.

    A code is a UUID, or eight or more letters and digits in a row that change at least twice between both.

    A part of a UUID or of 16 or more hexadecimal digits that is taken for a date or telephone number is a coincidence,
    and is dropped; a part with a check digit, one of the caller's record and one that was found as an identifier make
    all of the code one. Of any other code each part does.
    """
    found: list[Claim] = []
    for claim in claims:
        code = _code_around(words, claim)
        if code is None:
            found.append(claim)
            continue
        if not _is_identifier(words, code, claim):
            continue
        if found and found[-1].end > code[0]:
            claim = replace(strongest(found.pop(), claim), start=claim.start, end=claim.end)
        found.append(replace(claim, start=min(code[0], claim.start), end=max(code[1], claim.end)))
    return found


def _is_identifier(words: Words, code: Range, claim: Claim) -> bool:
    text = words.span(*code)
    is_random = _UUID.fullmatch(text) or _HEXADECIMAL.fullmatch(text)
    return not is_random or claim.score == CERTAIN or category_of(claim.label) == "ID"


def _code_around(words: Words, claim: Claim) -> Range | None:
    """Return the code that the claim holds a part of, and that sticks out of it."""
    if not (_goes_on(words, claim.start) or _goes_on(words, claim.end)):
        return None
    for is_part in (_is_part_of_uuid, _is_part_of_word):
        start, end = claim.start, claim.end
        while _goes_on(words, start) and is_part(words[start - 1]):
            start -= 1
        while _goes_on(words, end) and is_part(words[end]):
            end += 1
        if (start, end) != (claim.start, claim.end) and _is_code(words, start, end):
            return start, end
    return None


def _goes_on(words: Words, border: int) -> bool:
    """Whether no space stands at the border before a token."""
    return 0 < border < len(words) and words.ends[border - 1] == words.starts[border]


def _is_part_of_uuid(text: str) -> bool:
    return text == "-" or text.isalnum()


def _is_part_of_word(text: str) -> bool:
    return text.isalnum()


def _is_code(words: Words, start: int, end: int) -> bool:
    text = words.span(start, end)
    return bool(_UUID.fullmatch(text)) or (
        text.isalnum() and len(text) >= _SHORTEST and end - start >= _FEWEST_CHANGES and not text.isalpha()
    )
