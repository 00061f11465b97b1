"""Notes as numbers: the words of many notes in one array, so that millions are compared at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Integers: TypeAlias = NDArray[np.int64]
Hashes: TypeAlias = NDArray[np.uint64]

_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class WordTable:
    """The words of notes, one after the other.

    words: shape (all words,), a number for each word; notes: shape (all words,), the number of its note; count: how
    many notes there are, those without words included.
    """

    words: Integers
    notes: Integers
    count: int

    def windows(self, length: int, hashed: int | None = None) -> tuple[Hashes, Integers]:
        """Return a hash of every ``length`` >= 1 words in a row within a note, and the number of its note.

        hashed: how many of the words, from the first on, make the hash; all of them unless given.
        64 bits: that two of ten million different windows share a hash has a chance of .000003.
        """
        stop = max(0, self.words.size - length + 1)
        mixed = scattered(self.words)
        hashes = np.zeros(stop, dtype=np.uint64)
        for offset in range(length if hashed is None else hashed):
            hashes = hashes * _BASE + mixed[offset : offset + stop]
        within = self.notes[:stop] == self.notes[length - 1 : length - 1 + stop]
        return hashes[within], self.notes[:stop][within]


class Vocabulary:
    """Gives each word a number, the same in all tables made by it."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def numbers(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Return the numbers of words, new ones for those not seen before."""
        known = self._numbers
        return np.fromiter((known.setdefault(word, len(known)) for word in words), np.int32, len(words))


def word_table(notes: Sequence[NDArray[np.int32]]) -> WordTable:
    """Put notes, each given as its words' numbers, into one table."""
    sizes = [note.size for note in notes]
    words = np.concatenate([*notes, np.empty(0, np.int32)]).astype(np.int64)
    return WordTable(words, np.repeat(np.arange(len(notes)), sizes), len(notes))


def scattered(numbers: NDArray) -> Hashes:
    """Return words' numbers scattered over 64 bits (the finalizer of splitmix64, Steele et al. 2014)."""
    values = (numbers.astype(np.uint64) + np.uint64(1)) * _BASE
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
