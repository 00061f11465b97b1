"""Keys: the form of identifiers in which other notes are searched for them; and rare identifiers.

A key is the words of an identifier, folded and without punctuation, or, for an identifier that is mostly a number, "#"
and its digits. The key of a number is the same with any separators, and with or without century or country code, see
`spacy_deid.lang.same_value`.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TypeVar

from spacy.tokens import Doc

from spacy_deid.extensions import char_spans
from spacy_deid.labels import category_of
from spacy_deid.lang.pack import installed_packs
from spacy_deid.lang.same_value import FEWEST_DIGITS, national, number_ranges
from spacy_deid.leakage.near_duplicates import words

_IDENTIFYING = ("NAME", "ID", "PHONE", "EMAIL", "URL")
LONGEST_KEY = 8  # words: of a longer identifier, only the first ones are used
_SHORTEST_KEY = 4  # letters and digits: shorter ones, such as initials, occur in any text

Note = TypeVar("Note")


def key_of(identifier: str) -> str:
    """Return an identifier's key; "" if it is too short to identify anybody."""
    digits = "".join(character for character in identifier if character.isdecimal())
    letters = sum(character.isalpha() for character in identifier)
    if len(digits) + letters < _SHORTEST_KEY:
        return ""
    if len(digits) >= FEWEST_DIGITS and len(digits) > letters:
        return _number_key(identifier)
    return " ".join(words(identifier)[:LONGEST_KEY])


def numbers_in(text: str) -> Iterator[str]:
    """Yield the key of each possible number in a text, with and without the groups of digits that follow it."""
    return (_number_key(text[start:end]) for start, end in number_ranges(text))


def _number_key(number: str) -> str:
    digits = national(number)
    return f"#{digits if digits.isascii() else ''.join(str(unicodedata.decimal(digit)) for digit in digits)}"


class KeyFinder:
    """Finds keys in texts."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = frozenset(keys)
        self._lengths: dict[str, set[int]] = {}
        for parts in (key.split() for key in self._keys if not key.startswith("#")):
            self._lengths.setdefault(parts[0], set()).add(len(parts))

    def find(self, text: str, text_words: Sequence[str]) -> set[str]:
        """Return the keys that occur in a text; ``text_words``: its `words`."""
        found = {number for number in numbers_in(text) if number in self._keys}
        for start, word in enumerate(text_words):
            for length in self._lengths.get(word, ()):
                key = " ".join(text_words[start : start + length])
                if key in self._keys:
                    found.add(key)
        return found


def identifiers_of(doc: Doc) -> set[tuple[str, str]]:
    """Return category and key of a note's gold identifiers."""
    found = {(category_of(span.label), key_of(doc.text[span.start : span.end])) for span in char_spans(doc)}
    return {(category, key) for category, key in found if key}


def identifies(category: str, key: str) -> bool:
    """Whether an identifier may identify a person by itself: a name, a number, or an address with a house number.

    Many people share towns, postcodes, dates, ages and wards, and a language model writes them by chance.
    """
    words_and_number = any(map(str.isdecimal, key)) and any(map(str.isalpha, key))
    return category in _IDENTIFYING or (category == "LOCATION" and words_and_number)


def by_patient(notes: Iterable[Note], groups: Iterable[str]) -> list[list[Note]]:
    """Return the notes of each patient; ``groups``: the ``deid_group`` of each note, "" for a patient with one note."""
    patients: dict[str | int, list[Note]] = {}
    for number, (note, group) in enumerate(zip(notes, groups, strict=True)):
        patients.setdefault(group or number, []).append(note)
    return list(patients.values())


def patient_frequencies(keys: Iterable[str], docs: Sequence[Doc]) -> Counter[str]:
    """Return the number of patients in whose notes each key occurs, marked as an identifier or not."""
    finder = KeyFinder(keys)
    patients = by_patient((doc.text for doc in docs), (doc._.deid_group for doc in docs))
    return Counter(
        key for texts in patients for key in set[str]().union(*(finder.find(text, words(text)) for text in texts))
    )


def rare_identifiers(docs: Sequence[Doc], most: int) -> set[str]:
    """Return the keys of rare identifiers: in the notes of at most ``most`` patients and in no public list.

    Only identifiers that identify a person by themselves are rare, see `identifies`.
    """
    keys = {key for doc in docs for category, key in identifiers_of(doc) if identifies(category, key)}
    frequency = patient_frequencies(keys, docs)
    return {key for key in keys if frequency[key] <= most} - public_keys()


@cache
def public_keys() -> frozenset[str]:
    """Return the keys of all languages' lists of first names, surnames, towns and hospitals."""
    entries: list[str] = []
    for pack in installed_packs():
        for name in ("towns", "hospitals"):
            entries += [entry for line in pack.list(name).entries for entry in re.split("[;=,]", line)]
        for table in map(pack.names, pack.origins()):
            entries += [name for kind in ("female", "male", "last") for name in table[kind].split(",")]
    return frozenset(filter(None, map(key_of, entries)))
