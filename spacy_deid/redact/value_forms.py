"""The forms in which values are searched for, see `spacy_deid.lang.same_value`, and how strictly each is compared."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from spacy_deid.lang.date_forms import date_forms
from spacy_deid.lang.dates import read_date
from spacy_deid.lang.pack import pack_of
from spacy_deid.lang.same_value import ComparedText, NameParts, birth_dates, letters_of, name_parts, national

SHORTEST = 2  # letters and digits of a form; its first ones are the key of `Forms`
_SHORT_WORD = 5
_SHORT_NUMBER = 5
_LONG_NUMBER = 7
_LONG_RUN = re.compile(rf"\d{{{_LONG_NUMBER},}}")
_SHORTEST_STEM = 4  # letters before a genitive -s: "Hans" is not Han's
_MOST_WORDS_ROTATED = 4
_SHORT_PART = 3  # letters of a name's part that counts only as it is written

Strictness = Literal["any", "capital", "written"]


class Value(NamedTuple):
    """A redacted value. category: of labels.toml, "" if unknown. start: its offset in the original text."""

    text: str
    category: str = ""
    start: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a value.

    letters: as in `ComparedText`. strictness: "any" matches in any case, "capital" only with a capital, "written" only
    as written. written, accented: the form as it was written, and in one case with diacritics. is_word: whether it is
    one word. is_number: whether it is a short number. is_name: whether it is a name or a part of one. is_doubtful:
    whether it may be an ordinary word at the beginning of a sentence. only_beside: whether it is ignored in prose.
    within_number: whether it may be within a longer number. borders: the offsets at which separators are required.
    """

    letters: str
    strictness: Strictness = "any"
    written: str = ""
    accented: str = ""
    is_word: bool = False
    is_name: bool = False
    is_number: bool = False
    is_doubtful: bool = False
    only_beside: bool = False
    within_number: bool = False
    borders: tuple[int, ...] = ()

    def is_separated_in(self, within: ComparedText, start: int) -> bool:
        """Whether the required separators are there; start: in the letters of ``within``."""
        return all(start + border in within.starts for border in self.borders)

    def matches(self, found: str, accented: str) -> bool:
        """Whether ``found`` in prose matches the form; ``accented``: ``found`` in one case."""
        if self.strictness == "written":
            return " ".join(found.split()) in (self.written, self.written.capitalize())
        return (self.strictness == "any" and not self._differs(accented)) or found[0].isupper()

    def is_doubtful_at_beginning(self, accented: str) -> bool:
        """Whether the form is ignored at the beginning of a sentence."""
        return self.is_doubtful or (self._differs(accented) and len(self.letters) <= _SHORT_WORD)

    def _differs(self, accented: str) -> bool:
        return self.is_word and self.accented not in ("", accented)


class Forms:
    """Forms by their first letters, then by length, so that the time of a look-up does not depend on their number."""

    def __init__(self) -> None:
        self._forms: dict[str, dict[int, dict[str, list[tuple[Form, int]]]]] = {}

    def __bool__(self) -> bool:
        return bool(self._forms)

    def add(self, form: Form, value: int) -> None:
        """Add a form of the value with that index."""
        by_length = self._forms.setdefault(form.letters[:SHORTEST], {})
        by_length.setdefault(len(form.letters), defaultdict(list))[form.letters].append((form, value))

    def at(self, letters: str, start: int) -> Iterator[tuple[Form, int]]:
        """Yield the forms that ``letters`` has at ``start``, with their values."""
        for length, forms in self._forms.get(letters[start : start + SHORTEST], {}).items():
            yield from forms.get(letters[start : start + length], ())


def forms_of(value: Value, lang: str) -> Iterator[Form]:
    """Yield the forms of a value."""
    written = ComparedText.of(value.text)
    if written.letters.isdecimal():
        yield from _of_number(written)
    elif len(written.letters) >= SHORTEST:
        yield from _of_words(written, is_name=value.category == "NAME")
    if value.category == "NAME":
        yield from _of_parts(name_parts(value.text), written)
    elif value.category == "DATE":
        for day in days_of(value.text, lang):
            yield from _of_day(day, lang, only_beside=False)
    elif value.category == "ID":
        if not written.letters.isdecimal():
            yield from (Form(digits, within_number=True) for digits in _LONG_RUN.findall(written.letters))
        for day in birth_dates(value.text):
            yield from _of_day(day, lang, only_beside=True)


def _of_number(written: ComparedText) -> Iterator[Form]:
    digits = national(written.text)
    if len(digits) >= _LONG_NUMBER:
        yield Form(digits, within_number=True)
    elif len(written.letters) > _SHORT_NUMBER:
        yield Form(written.letters)
    elif len(written.letters) > (3 if len(written.starts) == 1 else 2):
        yield Form(written.letters, "written", written.in_line(), is_number=True)


def _of_words(written: ComparedText, *, is_name: bool) -> Iterator[Form]:
    is_word = len(written.starts) == 1
    strictness: Strictness = "any"
    if len(written.letters) == SHORTEST:
        strictness = "written"
    elif is_word and len(written.letters) <= _SHORT_WORD and written.text[written.starts[0]].isupper():
        strictness = "capital"
    for letters in _rotated(written.words()):
        accented = written.accented if letters == written.letters else ""
        yield Form(letters, strictness, written.in_line(), accented, is_word=is_word, is_name=is_name)


def _of_parts(parts: NameParts, whole: ComparedText) -> Iterator[Form]:
    for word in dict.fromkeys(parts.words):
        written = ComparedText.of(word)
        if written.letters == whole.letters or len(written.letters) < SHORTEST:
            continue
        strictness: Strictness = "any" if len(word) > _SHORT_WORD else "capital"
        strictness = "written" if len(word) <= _SHORT_PART else strictness
        is_doubtful = len(word) <= _SHORT_WORD and (word not in parts.given or len(word) == SHORTEST)
        for letters in _rotated([written.letters]):
            accented = written.accented if letters == written.letters else ""
            yield Form(letters, strictness, word, accented, is_word=True, is_name=True, is_doubtful=is_doubtful)
    for login in parts.logins():
        yield Form(letters_of(login), is_word=True, only_beside=True)


def _of_day(day: dt.date, lang: str, *, only_beside: bool) -> Iterator[Form]:
    for letters, borders in date_forms(day, lang):
        yield Form(letters, only_beside=only_beside, borders=borders)
    yield Form(f"{day:%Y%m%d}", only_beside=True, within_number=True)


def _rotated(words: list[str]) -> set[str]:
    """Return the joined words in all rotations, and without the -s of the last word."""
    orders = [words]
    if len(words) <= _MOST_WORDS_ROTATED and all(map(str.isalpha, words)):
        orders = [words[turn:] + words[:turn] for turn in range(len(words))]
    forms = {"".join(order) for order in orders}
    stem = words[-1].removesuffix("s")
    return forms | ({"".join([*words[:-1], stem])} if stem != words[-1] and len(stem) >= _SHORTEST_STEM else set())


def days_of(date: str, lang: str) -> Sequence[dt.date]:
    """Return the possible days of a date with its year: two if the year has two digits, else one or none."""
    if not pack_of(lang).has("dates.toml"):
        return []
    read = read_date(" ".join(date.split()), lang, dt.date(2000, 1, 1))
    if read is None or not read.is_full:
        return []
    if any(kind == "yyyy" for kind, _, _ in read.fields):
        return [read.day]
    return [read.day, *_a_century_earlier(read.day)]


def _a_century_earlier(day: dt.date) -> list[dt.date]:
    try:
        return [day.replace(year=day.year - 100)]
    except ValueError:  # 29 February 2000
        return []
