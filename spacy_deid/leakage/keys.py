"""Keys: the form in which identifiers are searched for in other notes, and which identifiers are rare.

A key is an identifier's words, folded and without punctuation, or, where it is mostly a number, "#" and its digits:
however the number is parted, with and without century or country code, the key is the same, see
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
LONGEST_KEY = 8  # words: an identifier that is longer is known by its first ones
_SHORTEST_KEY = 4  # letters and digits: shorter ones, initials say, are found in any text

Note = TypeVar("Note")


def key_of(identifier: str) -> str:
    """Return an identifier's key; "" where it is too short to identify anybody."""
    digits = "".join(character for character in identifier if character.isdecimal())
    letters = sum(character.isalpha() for character in identifier)
    if len(digits) + letters < _SHORTEST_KEY:
        return ""
    if len(digits) >= FEWEST_DIGITS and len(digits) > letters:
        return _number_key(identifier)
    return " ".join(words(identifier)[:LONGEST_KEY])


def numbers_in(text: str) -> Iterator[str]:
    """Yield the key of each number that may be in a text, with the groups of digits that follow it or without."""
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
        """Return the keys that a text holds; ``text_words``: its `words`."""
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
    """Whether an identifier may identify a person by itself: names, numbers and addresses with a house number.

    Towns, postcodes, dates, ages and wards are those of many, and a language model comes upon them by chance.
    """
    words_and_number = any(map(str.isdecimal, key)) and any(map(str.isalpha, key))
    return category in _IDENTIFYING or (category == "LOCATION" and words_and_number)


def by_patient(notes: Iterable[Note], groups: Iterable[str]) -> list[list[Note]]:
    """Return the notes of each patient; ``groups``: the ``deid_group`` of each, "" for a patient of its own."""
    patients: dict[str | int, list[Note]] = {}
    for number, (note, group) in enumerate(zip(notes, groups, strict=True)):
        patients.setdefault(group or number, []).append(note)
    return list(patients.values())


def patient_frequencies(keys: Iterable[str], docs: Sequence[Doc]) -> Counter[str]:
    """Return how many patients' notes hold each key, marked as an identifier there or not."""
    finder = KeyFinder(keys)
    patients = by_patient((doc.text for doc in docs), (doc._.deid_group for doc in docs))
    return Counter(
        key for texts in patients for key in set[str]().union(*(finder.find(text, words(text)) for text in texts))
    )


def rare_identifiers(docs: Sequence[Doc], most: int) -> set[str]:
    """Return keys of identifiers that the notes of at most ``most`` patients hold and that no public list has.

    Of those that identify a person, see `identifies`.
    """
    keys = {key for doc in docs for category, key in identifiers_of(doc) if identifies(category, key)}
    frequency = patient_frequencies(keys, docs)
    return {key for key in keys if frequency[key] <= most} - public_keys()


@cache
def public_keys() -> frozenset[str]:
    """Return the keys of the package's lists of first names, surnames, towns and hospitals, all languages together."""
    entries: list[str] = []
    for pack in installed_packs():
        for name in ("towns", "hospitals"):
            entries += [entry for line in pack.list(name).entries for entry in re.split("[;=,]", line)]
        for table in map(pack.names, pack.origins()):
            entries += [name for kind in ("female", "male", "last") for name in table[kind].split(",")]
    return frozenset(filter(None, map(key_of, entries)))
