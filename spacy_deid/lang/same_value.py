"""The one definition of "the same value", for every search for values.

A text contains a value if it has its letters and digits in a row, with anything but letters and digits between them:
white space, line breaks, hyphens, other separators. Case, diacritics ("Oberg"), Unicode form, full width, zero-width
characters and the escapes of markup, URLs and JSON ("&Aring;", "%C3%85", "\\u00c5") do not matter. A value begins at
the beginning of a word or a number, and ends at the end of one or before its genitive -s.

A value has further forms: the words of a name in rotated order, and its parts (`NameParts`); the other ways to write a
day (`spacy_deid.lang.date_forms`), also that of the birth date in a personal number; a number without the century of a
birth date, and without country code and leading zeros (`national`); the seven digits or more of a number with letters
("12345678Z").

How strictly a short form is compared depends on its `Surroundings`, see `spacy_deid.redact.value_index`.

Limits. These do not count as the same: initials alone ("AS"), nicknames, other spellings ("Oeberg", "Swenson"), a date
without its year in another form, numbers in words, and text in another encoding or script than the value's.
"""

import datetime as dt
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape
from itertools import accumulate
from typing import Literal

from phonenumbers import NumberParseException
from phonenumbers import parse as parse_phone

from spacy_deid.lang.facts import BirthNumber
from spacy_deid.lang.pack import installed_packs
from spacy_deid.text import visible, without_diacritics

# prose: running text. beside: text written with it, such as another column. name: of a file, a folder or a column
Surroundings = Literal["prose", "beside", "name"]

_WORD = re.compile(r"[^\W\d_]+|\d+")
_CENTURY = "(?:18|19|20)"
_CHARACTER = re.compile(r"&#?\w+;|(?:%[0-9A-Fa-f]{2})+|\\u[0-9A-Fa-f]{4}")
FEWEST_DIGITS = 6  # of a number that is searched for in any form
_MOST_GROUPS = 6  # of digits in one number
_GROUPS = re.compile(r"\d+(?:[\W_]{1,3}\d+)*")
_GROUP = re.compile(r"\d+")
_LONGEST_ENDING = 3  # letters in lower case
_LONGEST_ABBREVIATION = 3
_MOST_TIMES_WRITTEN = 3  # "&amp;Aring;" is markup within markup


@dataclass(frozen=True, slots=True)
class ComparedText:
    """A text in the form in which it is compared.

    text: in composed form, with ordinary characters. letters: the letters and digits in a row, in one case and without
    diacritics; ``accented``: the same with diacritics. starts, ends: the bounds of words and numbers, from offsets in
    ``letters`` to offsets in ``text``. numbers: their ranges in ``letters``.
    """

    text: str
    letters: str
    accented: str
    starts: dict[int, int]
    ends: dict[int, int]
    numbers: list[range]

    @classmethod
    def of(cls, text: str, *, by_capitals: bool = False) -> "ComparedText":
        """Return the comparable form; by_capitals: whether a capital within a word begins another ("annaSvensson")."""
        text = plain(text)
        matches = [place for match in _WORD.finditer(text) for place in _pieces(match, by_capitals)]
        words = [one_case(text[start:end]) for start, end in matches]
        ends = list(accumulate(map(len, words)))
        starts = [0, *ends[:-1]]
        accented = "".join(words)
        return cls(
            text,
            without_diacritics(accented),
            accented,
            {start: place for start, (place, _) in zip(starts, matches, strict=False)},
            {end: place for end, (_, place) in zip(ends, matches, strict=True)},
            [range(start, end) for start, end, word in zip(starts, ends, words, strict=False) if word.isdecimal()],
        )

    def end_of(self, end: int) -> int | None:
        """Return the offset in text of a word's end at ``end`` in letters, or after one more -s; else None."""
        if end not in self.ends and self.letters[end] == "s" and self.letters[end - 1].isalpha():
            end += 1
        return self.ends.get(end)

    def words(self) -> list[str]:
        """Return the words and numbers in one case, without diacritics."""
        return [self.letters[start:end] for start, end in zip(self.starts, self.ends, strict=True)]

    def in_line(self) -> str:
        """Return the text with a single space for white space."""
        return " ".join(self.text.split())


def plain(text: str) -> str:
    """Return ``text`` as it is read: in composed form, with the escapes of markup, URLs and JSON resolved."""
    for _ in range(_MOST_TIMES_WRITTEN):
        if _CHARACTER.search(text) is None:
            break
        text = _CHARACTER.sub(_character, text)
    return visible(unicodedata.normalize("NFKC", text))


def original_offset(text: str, offset: int) -> int:
    """Return the offset in ``text`` of the character at ``offset`` of its `plain` form, or of one near it."""
    return bisect_left(range(len(text)), offset + 1, key=lambda end: len(plain(text[: end + 1])))


def one_case(word: str) -> str:
    """Return a word in one case, without the marks that folding adds to some letters: "İ" is "i" and a dot above.

    The word is put in capitals first, since the Turkish "ı" and "i" share one.
    """
    folded = word.upper().casefold()
    return folded if folded.isalnum() else "".join(filter(str.isalnum, folded))


def letters_of(text: str) -> str:
    """Return the letters and digits of ``text`` as in `ComparedText`."""
    return ComparedText.of(text).letters


@dataclass(frozen=True, slots=True)
class NameParts:
    """The words of a name as they are written, without titles and particles ("Dr", "de la").

    given: the words before the surname, or after a comma. surnames: the last word, or the words before a comma.
    initials: the single letters.
    """

    given: tuple[str, ...]
    surnames: tuple[str, ...]
    initials: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """All words of the name but its initials."""
        return (*self.given, *self.surnames)

    def logins(self) -> Iterator[str]:
        """Yield a surname with the first letter of a given name before or after it: "asvensson", "svenssona"."""
        firsts = {word[0] for word in (*self.given, *self.initials)}
        for surname in self.surnames:
            for first in sorted(firsts):
                yield from (first + surname, surname + first)


def name_parts(name: str) -> NameParts:
    """Return the parts of a name."""
    before, comma, after = plain(name).partition(",")
    in_capitals = name.isupper()
    first, second = ([word for word in _letters(text) if _may_be_name(word, in_capitals)] for text in (before, after))
    initials = tuple(word for word in (*first, *second) if len(word) == 1)
    first, second = ([word for word in words if len(word) > 1] for words in (first, second))
    if comma and second:
        return NameParts(tuple(second), tuple(first), initials)
    return NameParts(tuple(first[:-1]), tuple(first[-1:]), initials)


def _may_be_name(word: str, in_capitals: bool) -> bool:
    """Whether a word is not a title, a particle, the end of a short name ("H-son") or an abbreviation ("ST-läk")."""
    is_end = word.islower() and 1 < len(word) <= _LONGEST_ENDING
    is_abbreviation = word.isupper() and 1 < len(word) <= _LONGEST_ABBREVIATION and not in_capitals
    return not (is_end or is_abbreviation or one_case(word) in particles_and_titles())


@cache
def particles_and_titles() -> frozenset[str]:
    """Return the particles and titles of all languages, since names come from everywhere."""
    facts = [pack.facts for pack in installed_packs()]
    return frozenset(word for each in facts for word in (*each.particles, *each.titles))


def national(number: str) -> str:
    """Return a number's digits without country code, or without a birth date's century and leading zeros."""
    digits = "".join(filter(str.isdecimal, number))
    if number.lstrip().startswith(("+", "00")):
        try:
            return str(parse_phone(f"+{digits.lstrip('0')}").national_number)
        except NumberParseException:
            return digits
    return without_century(digits).lstrip("0")


def without_century(digits: str) -> str:
    """Return the digits of an identity number without the century of its holder's date of birth."""
    for number, form in _born():
        found = form.fullmatch(digits)
        if found and found["century"] and number.century:
            return digits[2:]
    return digits


@cache
def _born() -> tuple[tuple[BirthNumber, re.Pattern[str]], ...]:
    """Return the forms of the identity numbers of all installed languages that begin with a date of birth."""
    numbers = [pack.facts.birth_number for pack in installed_packs()]
    return tuple((number, re.compile(rf"(?P<century>{_CENTURY})?{number.pattern()}")) for number in numbers if number)


def number_ranges(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of possible numbers of six digits or more, with and without the groups of digits that follow."""
    for row in _GROUPS.finditer(text):
        groups = [match.span() for match in _GROUP.finditer(text, *row.span())]
        for first, (start, _) in enumerate(groups):
            digits = 0
            for group_start, end in groups[first : first + _MOST_GROUPS]:
                digits += end - group_start
                if digits >= FEWEST_DIGITS:
                    yield (start - 1 if text[start - 1 : start] == "+" else start), end


def birth_dates(number: str) -> list[dt.date]:
    """Return the possible birth dates at the beginning of a number: one of "19850412-1234", two of "850412-1234"."""
    digits = "".join(filter(str.isdecimal, number))
    days: list[dt.date] = []
    for kind, form in _born():
        found = form.fullmatch(digits)
        if found is None or (found["century"] and not kind.century):
            continue
        day = int(found["day"])
        day -= kind.added_to_day if day > kind.added_to_day else 0
        centuries = [found["century"]] if found["century"] else ["19", "20"]
        read = (_day(int(century + found["year"]), int(found["month"]), day) for century in centuries)
        days += [each for each in read if each is not None]
    return days


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _letters(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word.isalpha()]


def _pieces(match: re.Match[str], by_capitals: bool) -> Iterator[tuple[int, int]]:
    start, word = match.start(), match[0]
    if by_capitals:
        for at in range(1, len(word)):
            if word[at].isupper() and word[at - 1].islower():
                yield start, match.start() + at
                start = match.start() + at
    yield start, match.end()


def _character(match: re.Match[str]) -> str:
    written = match[0]
    if written[0] == "&":
        return unescape(written)
    if written[0] == "\\":
        return chr(int(written[2:], 16))
    data = bytes.fromhex(written.replace("%", ""))
    try:
        return data.decode("utf8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
