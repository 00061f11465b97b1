"""Where a text has one of many values, in whatever form."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from phonenumbers import NumberParseException
from phonenumbers import parse as parse_phone

from spacy_deid.text import visible

_WORD = re.compile(r"[^\W\d_]+|\d+")
_CENTURY = re.compile(r"(?:18|19|20)(?=\d\d(?:0\d|1[0-2])(?:[0-2]\d|3[01]|[6-8]\d|9[01])\d{4}$)")
_SHORTEST = 2  # letters and digits; the letters by which a form is looked up
_SHORT_WORD = 5
_SHORT_NUMBER = 5
_LONG_NUMBER = 7
_SHORTEST_STEM = 4  # letters before a genitive -s: "Hans" is not Han's
_MOST_WORDS_TURNED = 4

_Likeness = Literal["any", "capital", "written"]


class ValueIndex:
    """Values, and the forms in which a text may have them.

    A text has a value where it has its letters and digits in a row, in any case and Unicode form and with anything else
    between them: "ANNA KARIN EK" is "Anna-Karin Ek", "8501011234" is "850101-1234". They begin where a word or a
    number begins, and end where one ends or before its genitive -s. So do further forms: the words turned round ("Ek,
    Anna"), and the value without its own -s. A number of seven digits or more may stand within a longer one; it is
    looked for without the century of a date of birth, and without country code and leading zeros ("+46 70" is "070").

    What is short stands in most notes and says nothing there; hence, the shorter a value, the closer the likeness:

    - One letter, and numbers of up to three digits without or two with separators, are not looked for: the age "45" is
      "45 mg" elsewhere, the date "1/2" half a tablet.
    - Two letters, and other numbers of up to five digits, count only as they are written: "12.04" is a time.
    - A word of up to five letters that begins with a capital does not count in lower case: "per", "hans" and "stig" are
      ordinary words.

    What is no prose (a file's name, a heading, a login) has no such words: there the case does not matter.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._words = _Forms()
        self._in_numbers = _Forms()
        for index, value in enumerate(values):
            text = _Text.of(value)
            if text.letters.isdecimal():
                self._add_number(index, text)
            elif len(text.letters) >= _SHORTEST:
                self._add_words(index, text)

    def count(self, text: str, *, is_prose: bool = True) -> Counter[int]:
        """Return how often a text has each value, by the value's index."""
        within = _Text.of(text)
        counts: Counter[int] = Counter()
        for start in within.starts:
            for form in self._words.at(within.letters, start):
                found = within.written(start, start + len(form.letters))
                if found and form.is_alike(found, is_prose):
                    counts[form.value] += 1
        if self._in_numbers:
            for number in within.numbers:
                for start in number:
                    counts.update(form.value for form in self._in_numbers.at(within.letters, start))
        return counts

    def _add_words(self, value: int, text: "_Text") -> None:
        likeness: _Likeness = "any"
        if len(text.letters) == _SHORTEST:
            likeness = "written"
        elif len(text.starts) == 1 and len(text.letters) <= _SHORT_WORD and text.text[text.starts[0]].isupper():
            likeness = "capital"
        for letters in _forms(text.words()):
            self._words.add(_Form(letters, value, likeness, text.in_line()))

    def _add_number(self, value: int, text: "_Text") -> None:
        national = _national(text)
        if len(national) >= _LONG_NUMBER:
            self._in_numbers.add(_Form(national, value))
        elif len(text.letters) > _SHORT_NUMBER:
            self._words.add(_Form(text.letters, value))
        elif len(text.letters) > (3 if len(text.starts) == 1 else 2):
            self._words.add(_Form(text.letters, value, "written", text.in_line()))


@dataclass(frozen=True, slots=True)
class _Form:
    """What to look for; ``value``: the index of the value that it is a form of, ``written``: that value."""

    letters: str
    value: int
    likeness: _Likeness = "any"
    written: str = ""

    def is_alike(self, found: str, is_prose: bool) -> bool:
        if self.likeness == "written":
            in_line = " ".join(found.split())
            return in_line == self.written or (not is_prose and in_line.casefold() == self.written.casefold())
        return not is_prose or self.likeness == "any" or found[0].isupper()


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


@dataclass(frozen=True, slots=True)
class _Text:
    """A text, and its ``letters``: those and digits in a row, in one case; the borders of words in both."""

    text: str
    letters: str
    starts: dict[int, int]  # in letters -> in text
    ends: dict[int, int]
    numbers: list[range]  # in letters

    @classmethod
    def of(cls, text: str) -> "_Text":
        text = visible(unicodedata.normalize("NFKC", text))
        matches = list(_WORD.finditer(text))
        words = [_in_one_case(match[0]) for match in matches]
        ends = list(accumulate(map(len, words)))
        starts = [0, *ends[:-1]]
        return cls(
            text,
            "".join(words),
            {start: match.start() for start, match in zip(starts, matches, strict=False)},
            {end: match.end() for end, match in zip(ends, matches, strict=True)},
            [range(start, end) for start, end, word in zip(starts, ends, words, strict=False) if word.isdecimal()],
        )

    def written(self, start: int, end: int) -> str | None:
        """Return what text has there, with the -s of a word that is left over; None where no word ends there."""
        if end not in self.ends and self.letters[end] == "s" and self.letters[end - 1].isalpha():
            end += 1
        return self.text[self.starts[start] : self.ends[end]] if end in self.ends else None

    def words(self) -> list[str]:
        """Return the words and numbers in one case."""
        return [self.letters[start:end] for start, end in zip(self.starts, self.ends, strict=True)]

    def in_line(self) -> str:
        """Return the text with a single space for white space."""
        return " ".join(self.text.split())


def _in_one_case(word: str) -> str:
    """Return a word in one case, without the marks that some letters leave there: "İ" is "i" and a dot above.

    By way of capitals, since the Turkish "ı" has those of "i".
    """
    folded = word.upper().casefold()
    return folded if folded.isalnum() else "".join(filter(str.isalnum, folded))


def _forms(words: list[str]) -> set[str]:
    """Return what to look for in the place of words: them, turned round, without the -s of the last."""
    orders = [words]
    if len(words) <= _MOST_WORDS_TURNED and all(map(str.isalpha, words)):
        orders = [words[turn:] + words[:turn] for turn in range(len(words))]
    forms = {"".join(order) for order in orders}
    stem = words[-1].removesuffix("s")
    return forms | ({"".join([*words[:-1], stem])} if stem != words[-1] and len(stem) >= _SHORTEST_STEM else set())


def _national(text: _Text) -> str:
    """Return the digits of a number without a date of birth's century, else without country code and leading zeros."""
    if text.in_line().startswith(("+", "00")):
        try:
            return str(parse_phone(f"+{text.letters.lstrip('0')}").national_number)
        except NumberParseException:
            return text.letters
    return _CENTURY.sub("", text.letters).lstrip("0")
