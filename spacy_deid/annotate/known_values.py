"""The written forms of a known number, address or other value."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from phonenumbers import NumberParseException
from phonenumbers import parse as parse_phone

from spacy_deid.annotate.ranges import Range
from spacy_deid.lang.date_forms import date_forms
from spacy_deid.text import LETTER, spelled, visible, without_diacritics

_FEWEST_DIGITS = 4  # of a number that is searched for
_LONG = 6  # letters and digits of a value whose separators are ignored: 1234 is not 12/34
_PIECE = re.compile(rf"{LETTER}+|\d")
_CENTURY = re.compile(r"(?:18|19|20)(?=\d{6}(?:\d{4})?$)")
_BORN = re.compile(r"\d{2}(?:0\d|1[0-2])\d{2}(?:\d{4})?")  # any day: some countries add to it
_SEPARATORS = r"(?:[\W_]{1,3}|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d))"
_ANY_SEPARATORS = r"[\W_]{0,2}"


def find_value(folded: str, value: str, category: str, lang: str) -> Iterator[Range]:
    """Yield the occurrences of a value.

    Case, separators and spaces do not matter. A number that begins like a date of birth is found with and without its
    century, a telephone number with and without country code, and a day such as 1985-04-12 in all forms of the language
    (`date_forms`). A number of fewer than four digits is too common to be searched for.

    Args:
        folded: The text without diacritics.
        value: The value to find.
        category: Its category; PHONE and DATE have more forms.
        lang: The code of a language pack.

    Yields:
        Ranges of characters.
    """
    pattern = _pattern(value, category, lang)
    if pattern is not None:
        yield from (match.span() for match in pattern.finditer(folded))


def is_findable(value: str, category: str, lang: str) -> bool:
    """Whether a value is searched for at all."""
    return _pattern(value, category, lang) is not None


@lru_cache(maxsize=256)
def _pattern(value: str, category: str, lang: str) -> re.Pattern[str] | None:
    value = without_diacritics(visible(value)).strip()
    pieces = _PIECE.findall(value)
    if not pieces:
        return None
    digits = "".join(pieces)
    if not digits.isdecimal():
        body = _in_a_row(pieces) if len(digits) >= _LONG else r"\s+".join(map(spelled, value.split()))
    elif len(digits) < _FEWEST_DIGITS:
        return None
    elif category == "PHONE":
        body = _phone(value, digits)
    elif len(digits) < _LONG:
        body = digits
    else:
        body = _with_or_without_century(digits)
    day = _day(value) if category == "DATE" else None
    if day is not None:
        body = "|".join([body, *(_separated(letters, borders) for letters, borders in date_forms(day, lang))])
    first, last = (r"\d" if piece.isdecimal() else LETTER for piece in (pieces[0], pieces[-1]))
    return re.compile(f"(?<!{first})(?:{body})(?!{last})", re.IGNORECASE)


def _day(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def _separated(letters: str, borders: Sequence[int]) -> str:
    """Return the pattern of a form of a date, with separators at its offsets."""
    pieces = [letters[start:end] for start, end in pairwise((0, *borders, len(letters)))]
    return _SEPARATORS.join(map(spelled, pieces))


def _in_a_row(pieces: list[str]) -> str:
    return _ANY_SEPARATORS.join(spelled(piece) for piece in pieces)


def _with_or_without_century(digits: str) -> str:
    rest = _CENTURY.sub("", digits)
    century = rf"(?:(?:18|19|20){_ANY_SEPARATORS})?" if _BORN.fullmatch(rest) else ""
    return century + _in_a_row(list(rest if century else digits))


def _phone(value: str, digits: str) -> str:
    """Return the pattern of a number with any country code or none, with 0 before the area code or without."""
    national = digits.lstrip("0")
    if value.startswith(("+", "00")):
        try:
            national = str(parse_phone(f"+{national}").national_number)
        except NumberParseException:
            return _in_a_row(list(digits))
    country = r"(?:(?:\+|\b00)\s?\d{1,3}[\s(\-]{0,2})?"
    return rf"{country}(?:\(?0\)?[\s\-]{{0,2}})?{_in_a_row(list(national))}"
