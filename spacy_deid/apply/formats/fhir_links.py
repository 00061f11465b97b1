"""Identifiers in ids, references and URLs of FHIR, whose replacements must agree in the whole file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from urllib.parse import unquote

from spacy_deid.annotate.ranges import Cover, Range
from spacy_deid.apply.formats.attachment import is_encoded
from spacy_deid.apply.formats.fhir_elements import compact, table
from spacy_deid.errors import DeidError
from spacy_deid.labels import category_of
from spacy_deid.lang.pack import installed_packs
from spacy_deid.lang.recognizer import Recognizer, rules_of
from spacy_deid.text import View

_SURE = 0.85  # the score of a form without a check digit that is alone between slashes
_CERTAIN = 1.0  # the check digit is correct
_PLAIN_LINK = re.compile(r"(?:https?://)?(?:[a-zA-Z_.-]{1,30}/)*[a-zA-Z_.-]{1,30}")  # most are; no number, no search
_SCHEME = re.compile(r"(\w+):(.+)")
_PARAMETER = re.compile(r"[?&]([\w-]+)(?::[\w-]+)?=([^&#]+)")
_SEGMENT = re.compile(r"[^/?#&=|:;,\s_]+")
_NUMBER = re.compile(r"\d+")
_ANY_DIGIT = re.compile(r"\d")
_PIECE = re.compile(r"\d{6,8}[-+][^\W_]{4}|[^\W_]+")
# an ASCII character, a character of several bytes, or any other character
_ESCAPED = re.compile(r"%[0-7][0-9A-Fa-f]|(?:%[89A-Fa-f][0-9A-Fa-f])+|.", re.DOTALL)
_UUID_OR_OID = re.compile(r"urn:oid:[\d.]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DIGITS = re.compile(r"(?:\d\D{0,2}){4}")  # every number of a person has four digits in a row
_MORE_DIGITS = re.compile(r"(?:\d\D{0,2}){6}")  # and every one with a check digit has six
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


@lru_cache(maxsize=4096)
def identifiers_in(link: str, numbers: frozenset[str]) -> tuple[tuple[Range, str], ...]:
    """Return the identifiers in an address: their ranges, in order, and labels."""
    if _PLAIN_LINK.fullmatch(link):
        return ()
    if is_encoded(link):
        msg = "an address that holds a document (data:). Remedy: remove it"
        raise DeidError(msg)
    found = _named_ranges(link)
    named = Cover(found)
    found |= dict.fromkeys((each for each in numbers_in(link, numbers) if not named.holds(*each)), "ID")
    return tuple(sorted(found.items()))


def _named_ranges(link: str) -> dict[Range, str]:
    """Return the identifiers that an address names itself, by its scheme or its parameters: range -> label."""
    scheme = _SCHEME.match(link)
    if scheme and (label := table()["identifying_schemes"].get(scheme[1].lower())):
        return {scheme.span(2): label}
    parameters = table()["identifying_parameters"]
    return {
        each.span(2): parameters[each[1].lower()] for each in _PARAMETER.finditer(link) if each[1].lower() in parameters
    }


def numbers_in(link: str, numbers: frozenset[str] = frozenset()) -> list[Range]:
    """Return the ranges, in order, of numbers of persons in an id, a reference or a URL.

    These are numbers with a correct check digit by any language's rules, numbers of an unmistakable form, and the
    identifiers of the resource itself (``numbers``, as `compact` returns them). Escapes (%7C) are decoded.
    """
    found: list[Range] = []
    if not _ANY_DIGIT.search(link):
        return found
    for start, end in sorted([*_by_form(link), *(_by_record(link, numbers) if numbers else ())]):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return found


class Renamed:
    """The new numbers of one file: equal numbers stay equal and different ones different, so that references hold."""

    def __init__(self, text: str) -> None:
        """Take the text of the file; no new number occurs in it."""
        self._text = text
        self._new: dict[str, str] = {}
        self._next = 1

    def __call__(self, link: str, start: int, end: int, redacted: str) -> str:
        """Return the replacement of a number in a link.

        Args:
            link: The link.
            start: The number's first character.
            end: The character after it.
            redacted: The policy's replacement."""
        old = link[start:end]
        is_within = any(each.start() <= start and end <= each.end() for each in _UUID_OR_OID.finditer(link))
        key = f"{compact(old) or old}{' in digits' if is_within else ''}"
        if key not in self._new:
            self._new[key] = redacted if _fits(redacted, old, is_within) else self._numbered(len(old), is_within)
        return self._new[key]

    def _numbered(self, length: int, in_digits: bool) -> str:
        while True:
            new = f"9{self._next:0{length - 1}d}" if in_digits else f"masked-{self._next}"
            self._next += 1
            if new not in self._text:
                return new


def _fits(new: str, old: str, in_digits: bool) -> bool:
    """Return whether a replacement is valid in an id; a mask is not, and would be the same for all numbers."""
    return bool(_ID.fullmatch(new)) and new != old and (not in_digits or (new.isdecimal() and len(new) == len(old)))


@lru_cache(maxsize=4096)
def _by_form(link: str) -> tuple[Range, ...]:
    if not _DIGITS.search(link):
        return ()
    view = unescaped(link)
    within = [each.span() for each in _UUID_OR_OID.finditer(view.text)]
    found: list[Range] = []
    for segment in _SEGMENT.finditer(view.text):
        in_code = any(begin <= segment.start() and segment.end() <= stop for begin, stop in within)
        rules, digits = (_certain(), _MORE_DIGITS) if in_code else (_recognizers(), _DIGITS)
        for start, end, score in _matches(segment[0], rules, digits):
            start, end = start + segment.start(), end + segment.start()
            is_code = in_code or any(begin <= start and end <= stop for begin, stop in within)
            if _is_whole(view.text, start, end, is_certain=score == _CERTAIN, is_code=is_code):
                found.append(view.original(start, end))
    return tuple(found)


@lru_cache(maxsize=4096)
def _by_record(link: str, numbers: frozenset[str]) -> tuple[Range, ...]:
    view = unescaped(link)
    pieces = (each for pattern in (_SEGMENT, _PIECE, _NUMBER) for each in pattern.finditer(view.text))
    return tuple(view.original(*each.span()) for each in pieces if compact(each[0]) in numbers)


def _matches(segment: str, rules: Sequence[Recognizer], digits: re.Pattern[str]) -> Iterator[tuple[int, int, float]]:
    """Yield the matches of the rules in a segment as a whole, and in its pieces: "191212121212-2.pdf"."""
    pieces = [(each.start(), each[0]) for each in _PIECE.finditer(segment) if each[0] != segment]
    for offset, piece in ((0, segment), *pieces):
        if digits.search(piece) and piece.isascii():
            capitals = piece.upper()
            for recognizer in rules:
                for match in recognizer.find(capitals):
                    yield offset + match.start, offset + match.end, match.score


def _is_whole(text: str, start: int, end: int, *, is_certain: bool, is_code: bool) -> bool:
    """Return whether a number is not part of a longer one; "pat191212121212" begins with a word."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    is_alone = not before.isalnum() or (is_certain and not is_code and before.isalpha())
    return is_alone and not after.isalnum() and (is_certain or not is_code)


def unescaped(link: str) -> View:
    """Return a link with characters in place of escapes (%7C)."""
    if "%" not in link:
        return View(link)
    shown: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for each in _ESCAPED.finditer(link):
        characters = unquote(each[0])
        shown.append(characters)
        starts += [each.start()] * len(characters)
        ends += [each.end()] * len(characters)
    return View("".join(shown), starts, ends)


@cache
def _recognizers() -> tuple[Recognizer, ...]:
    """Return the rules of all languages that find numbers by their form alone: a file does not name its language."""
    return tuple(
        replace(recognizer, context=None)
        for pack in installed_packs()
        if pack.has("rules")
        for recognizer in rules_of(pack).recognizers
        if category_of(recognizer.label) == "ID"
        and recognizer.id not in table()["of_servers"]
        and (recognizer.score == _CERTAIN or (recognizer.score >= _SURE and recognizer.context is None))
    )


@cache
def _certain() -> tuple[Recognizer, ...]:
    """Return the rules with a check digit; only these count within a UUID or an OID."""
    return tuple(each for each in _recognizers() if each.score == _CERTAIN)
