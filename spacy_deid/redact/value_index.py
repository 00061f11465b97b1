"""Where a text has one of many values, in whatever form."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Literal, NamedTuple

from spacy_deid.lang.date_forms import date_forms
from spacy_deid.lang.lexicon import is_ordinary
from spacy_deid.lang.same_value import (
    NameParts,
    Surroundings,
    Written,
    birth_dates,
    letters_of,
    name_parts,
    national,
    no_names,
)
from spacy_deid.redact.dates import read_date

_SHORTEST = 2  # letters and digits; the letters by which a form is looked up
_SHORT_WORD = 5
_SHORT_NUMBER = 5
_LONG_NUMBER = 7
_SHORTEST_STEM = 4  # letters before a genitive -s: "Hans" is not Han's
_MOST_WORDS_TURNED = 4
_SHORTEST_PIECE = 3  # letters of a name's part in a login or a code
_LONGEST_CODE = 64  # characters: what is longer holds any short word by chance
_TIMES = ("DATE", "AGE")  # a year or an age in a column of its own is most often another one
_SENTENCE_ENDS = ".!?:;*•-–\n"

_Likeness = Literal["any", "capital", "written"]


class Value(NamedTuple):
    """A value that was redacted. category: of labels.toml, "" where nobody knows. start: where in its text it stood."""

    text: str
    category: str = ""
    start: int = 0


class Place(NamedTuple):
    """Where a text has a value; value: its index. start, end: in the `plain` text."""

    value: int
    start: int
    end: int


class ValueIndex:
    """Values, and the forms in which a text may have them; what is the same value says `spacy_deid.lang.same_value`.

    A number of seven digits or more may stand within a longer one. What is short stands in most notes and says nothing
    there; hence, the shorter a form, the closer the likeness:

    - One letter, and numbers of up to three digits without or two with separators, are not looked for: the age "45" is
      "45 mg" elsewhere, the date "1/2" half a tablet.
    - Two letters, parts of a name of up to three, and other numbers of up to five digits, count only as they are
      written: "12.04" is a time.
    - A word of up to five letters that begins with a capital does not count in lower case: "per", "hans" and "stig" are
      ordinary words. Nor does it, without its diacritics ("Par") or as one of several words of a name, at the beginning
      of a sentence: "Ny kontroll". Given names do there.
    - Short numbers that are years or ages count in prose alone: beside it they are most often others.
    - Ordinary words in lower case do not count, though they were once taken for a name.

    Beside prose ("beside") they do, in any case, where nothing but words of redacted names stands there or in a
    code; in other words there as in prose. In the name of a file ("name") they always do. Only beside prose are a birth
    date in a personal number and a login ("asvensson") looked for.
    """

    def __init__(self, values: Sequence[Value], lang: str) -> None:
        self._values = values
        self._lang = lang
        self._words = _Forms()
        self._in_numbers = _Forms()
        self._parts = [name_parts(value.text) if value.category == "NAME" else None for value in values]
        self._days: set[dt.date] = set()
        for index, value in enumerate(values):
            self._add(index, value)
        for index, value in enumerate(values):
            if value.category == "ID":
                for day in birth_dates(value.text):
                    self._add_date(index, day, only_beside=True)

    def __bool__(self) -> bool:
        return bool(self._values)

    def __getitem__(self, index: int) -> Value:
        return self._values[index]

    def count(self, text: str, surroundings: Surroundings = "prose") -> Counter[int]:
        """Return how often a text has each value, by the value's index."""
        return Counter(place.value for place in self.places(text, surroundings))

    def places(self, text: str, surroundings: Surroundings = "prose") -> Iterator[Place]:
        """Yield where a text has a value."""
        is_code = surroundings == "beside" and len(text) <= _LONGEST_CODE and len(text.split()) == 1
        within = Written.of(text, by_capitals=is_code or surroundings == "name")
        for start in within.starts:
            for form in self._words.at(within.letters, start):
                end = within.end_of(start + len(form.letters))
                if end is None or not form.parted_in(within, start):
                    continue
                place = Place(form.value, within.starts[start], end)
                if self._counts(form, within, start, place, surroundings, is_code):
                    yield place
        if self._in_numbers:
            yield from self._places_in_numbers(within, surroundings)

    def _places_in_numbers(self, within: Written, surroundings: Surroundings) -> Iterator[Place]:
        for number in within.numbers:
            for start in number:
                for form in self._in_numbers.at(within.letters, start):
                    if surroundings != "prose" or not form.only_beside:
                        first = within.starts[number.start] + start - number.start
                        yield Place(form.value, first, first + len(form.letters))

    def _counts(
        self, form: "_Form", within: Written, start: int, place: Place, surroundings: Surroundings, is_code: bool
    ) -> bool:
        found = within.text[place.start : place.end]
        if form.is_number and surroundings != "prose" and self._values[form.value].category in _TIMES:
            return False
        if form.is_number:
            return form.is_alike(found, "")
        if surroundings == "name":
            return True
        if surroundings == "beside":
            if (is_code and len(form.letters) >= _SHORTEST_PIECE) or self._is_all_names(within):
                return True
        elif form.only_beside or (form.is_name and self._is_ordinary(found)):
            return False
        accented = within.accented[start : start + len(form.letters)]
        at_beginning = form.is_doubtful_at_beginning(accented) and _begins_sentence(within.text, place.start)
        return form.is_alike(found, accented) and not at_beginning

    def _is_all_names(self, within: Written) -> bool:
        return all(word in self._name_words or word.removesuffix("s") in self._name_words for word in within.words())

    def _is_ordinary(self, found: str) -> bool:
        if not found.islower() or not files("spacy_deid.lang").joinpath(self._lang, "words.toml").is_file():
            return False
        return all(word in no_names() or is_ordinary(word, self._lang) for word in found.split())

    @cached_property
    def _name_words(self) -> frozenset[str]:
        """The words of the redacted names, their initials, and what else stands within names."""
        words = {
            form
            for value, parts in zip(self._values, self._parts, strict=True)
            for word in ([value.text] if parts is None else [*parts.words, *parts.initials, *parts.logins()])
            for form in Written.of(word).words()
        }
        return frozenset({*words, *(word[0] for word in words), *no_names()})

    def _add(self, index: int, value: Value) -> None:
        written = Written.of(value.text)
        if written.letters.isdecimal():
            self._add_number(index, written)
        elif len(written.letters) >= _SHORTEST:
            self._add_words(index, written, is_name=value.category == "NAME")
        parts = self._parts[index]
        if parts is not None:
            self._add_parts(index, parts, written)
        elif value.category == "DATE":
            for day in _days(value.text, self._lang):
                self._add_date(index, day, only_beside=False)

    def _add_words(self, value: int, written: Written, *, is_name: bool) -> None:
        likeness: _Likeness = "any"
        if len(written.letters) == _SHORTEST:
            likeness = "written"
        elif len(written.starts) == 1 and len(written.letters) <= _SHORT_WORD:
            likeness = "capital" if written.text[written.starts[0]].isupper() else "any"
        for letters in _turned(written.words()):
            accented = written.accented if letters == written.letters else ""
            self._words.add(
                _Form(
                    letters,
                    value,
                    likeness,
                    written.in_line(),
                    accented,
                    is_word=len(written.starts) == 1,
                    is_name=is_name,
                )
            )

    def _add_parts(self, value: int, parts: NameParts, whole: Written) -> None:
        for word in dict.fromkeys(parts.words):
            written = Written.of(word)
            if written.letters == whole.letters or len(written.letters) < _SHORTEST:
                continue
            likeness: _Likeness = "any" if len(word) > _SHORT_WORD else "capital"
            likeness = "written" if len(word) <= _SHORTEST_PIECE else likeness
            is_doubtful = len(word) <= _SHORT_WORD and (word not in parts.given or len(word) == _SHORTEST)
            for letters in _turned([written.letters]):
                accented = written.accented if letters == written.letters else ""
                self._words.add(
                    _Form(letters, value, likeness, word, accented, is_word=True, is_name=True, is_doubtful=is_doubtful)
                )
        for login in parts.logins():
            self._words.add(_Form(letters_of(login), value, only_beside=True, is_word=True))

    def _add_number(self, value: int, written: Written) -> None:
        digits = national(written.text)
        if len(digits) >= _LONG_NUMBER:
            self._in_numbers.add(_Form(digits, value))
        elif len(written.letters) > _SHORT_NUMBER:
            self._words.add(_Form(written.letters, value))
        elif len(written.letters) > (3 if len(written.starts) == 1 else 2):
            self._words.add(_Form(written.letters, value, "written", written.in_line(), is_number=True))

    def _add_date(self, value: int, day: dt.date, *, only_beside: bool) -> None:
        if day in self._days:
            return
        self._days.add(day)
        for letters, borders in date_forms(day, self._lang):
            self._words.add(_Form(letters, value, borders=borders, only_beside=only_beside))
        self._in_numbers.add(_Form(f"{day:%Y%m%d}", value, only_beside=True))


@dataclass(frozen=True, slots=True)
class _Form:
    """What to look for.

    value: the index of the value that it is a form of. written, accented: it as it was written, and in one case with
    diacritics. is_word: whether it is one word. is_number: a short number. is_name: a name or a part of one.
    is_doubtful: whether it may be an ordinary word at the beginning of a sentence. borders: where it must be parted.
    """

    letters: str
    value: int
    likeness: _Likeness = "any"
    written: str = ""
    accented: str = ""
    is_word: bool = False
    is_name: bool = False
    is_number: bool = False
    is_doubtful: bool = False
    only_beside: bool = False
    borders: tuple[int, ...] = ()

    def parted_in(self, within: Written, start: int) -> bool:
        return all(start + border in within.starts for border in self.borders)

    def is_alike(self, found: str, accented: str) -> bool:
        """Whether ``found`` in prose is like it; ``accented``: in one case."""
        if self.likeness == "written":
            return " ".join(found.split()) in (self.written, self.written.capitalize())
        has_other_accents = self.is_word and self.accented not in ("", accented)
        return (self.likeness == "any" and not has_other_accents) or found[0].isupper()

    def is_doubtful_at_beginning(self, accented: str) -> bool:
        has_other_accents = self.is_word and self.accented not in ("", accented)
        return self.is_doubtful or (has_other_accents and len(self.letters) <= _SHORT_WORD)


class _Forms:
    """Forms by their first letters, then by length: a look-up takes no longer where they are many."""

    def __init__(self) -> None:
        self._forms: dict[str, dict[int, dict[str, list[_Form]]]] = {}

    def __bool__(self) -> bool:
        return bool(self._forms)

    def add(self, form: _Form) -> None:
        by_length = self._forms.setdefault(form.letters[:_SHORTEST], {})
        by_length.setdefault(len(form.letters), defaultdict(list))[form.letters].append(form)

    def at(self, letters: str, start: int) -> Iterator[_Form]:
        for length, forms in self._forms.get(letters[start : start + _SHORTEST], {}).items():
            yield from forms.get(letters[start : start + length], ())


def _begins_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t([\"'”»")
    return not before or before[-1] in _SENTENCE_ENDS


def _turned(words: list[str]) -> set[str]:
    """Return what to look for in the place of words: them, turned round, without the -s of the last."""
    orders = [words]
    if len(words) <= _MOST_WORDS_TURNED and all(map(str.isalpha, words)):
        orders = [words[turn:] + words[:turn] for turn in range(len(words))]
    forms = {"".join(order) for order in orders}
    stem = words[-1].removesuffix("s")
    return forms | ({"".join([*words[:-1], stem])} if stem != words[-1] and len(stem) >= _SHORTEST_STEM else set())


def _days(date: str, lang: str) -> Iterable[dt.date]:
    """Return the days that a date with its year may mean: two where it has two digits of that."""
    if not files("spacy_deid.lang").joinpath(lang, "dates.toml").is_file():
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
