"""Codes of letters and digits, which are replaced whole or not at all: a part alone leaks or falsifies the rest."""

import re
from collections.abc import Iterable
from dataclasses import replace

from spacy_deid.annotate.policy import CERTAIN, Claim, strongest
from spacy_deid.annotate.ranges import Range, Words, has_text
from spacy_deid.labels import category_of

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"[0-9a-f]{16,}", re.IGNORECASE)
_SHORTEST = 8  # letters and digits of a code
_FEWEST_CHANGES = 3  # runs of letters or digits: "K0867756N" has three, "tel0701234567" two


def whole_codes(words: Words, claims: Iterable[Claim]) -> list[Claim]:
    """Return claims without overlaps, in order, that contain each code wholly or not at all.

    A code is a UUID, or eight or more letters and digits in a row with at least two changes between letters and digits.

    In a UUID or in 16 or more hexadecimal digits, a claim with a check digit, of the caller's record or of the category
    ID is widened to the whole code, and any other claim is dropped as a coincidence. In other codes each is widened.
    """
    found: list[Claim] = []
    for claim in claims:
        code = _code_around(words, claim)
        if code is None:
            found += _behind(words, found, claim)
        elif _is_identifier(words, code, claim):
            start, end = min(code[0], claim.start), max(code[1], claim.end)
            if found and found[-1].end > start:
                start, claim = min(found[-1].start, start), strongest(found.pop(), claim)
            found.append(replace(claim, start=start, end=end))
    return found


def _behind(words: Words, found: list[Claim], claim: Claim) -> list[Claim]:
    """Return the part of the claim with text behind the last one of ``found``, which may have been widened into it."""
    start = max(claim.start, found[-1].end) if found else claim.start
    return [replace(claim, start=start)] if any(map(has_text, words.of(start, claim.end))) else []


def _is_identifier(words: Words, code: Range, claim: Claim) -> bool:
    text = words.span(*code)
    is_random = _UUID.fullmatch(text) or _HEXADECIMAL.fullmatch(text)
    return not is_random or claim.score == CERTAIN or category_of(claim.label) == "ID"


def _code_around(words: Words, claim: Claim) -> Range | None:
    """Return the code of which the claim contains only a part, or None."""
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
    """Whether there is no space at the boundary before a token."""
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
