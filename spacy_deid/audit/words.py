"""Notes as numbers, so that the words of millions of notes can be compared at once.

The longest runs come from a suffix array, made by prefix doubling (Manber & Myers 1993): for n words, a sort of n
numbers for each doubling up to the longest repeated passage. A neighbour in the array has the longest run that a suffix
has in common with any suffix of the corpus.

The language model is one of n-grams of words, interpolated after Witten & Bell (Bell, Cleary & Witten 1990):
P(w | context) = (c(context w) + t(context) P(w | shorter context)) / (c(context) + t(context)), where c is the
frequency in the corpus and t the number of different words that follow there. Only n-grams of the scored notes are
counted, so memory grows with these notes and time with the corpus.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Integers: TypeAlias = NDArray[np.int64]
Hashes: TypeAlias = NDArray[np.uint64]
Probabilities: TypeAlias = NDArray[np.float64]

ORDER = 4  # words of the language model's longest n-grams
_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class WordTable:
    """The words of notes, one after the other.

    words: shape (all words,), a number for each word. notes: shape (all words,), the number of each word's note. count:
    the number of notes, including those without words.
    """

    words: Integers
    notes: Integers
    count: int

    def windows(self, length: int, hashed: int | None = None) -> tuple[Hashes, Integers]:
        """Return a hash of every ``length`` >= 1 words in a row within a note, and the number of its note.

        hashed: the number of words, from the first on, that are hashed; all unless given.
        With 64 bits, two of ten million different windows have the same hash with probability .000003.
        """
        stop = max(0, self.words.size - length + 1)
        mixed = scattered(self.words)
        hashes = np.zeros(stop, dtype=np.uint64)
        for offset in range(length if hashed is None else hashed):
            hashes = hashes * _BASE + mixed[offset : offset + stop]
        within = self.notes[:stop] == self.notes[length - 1 : length - 1 + stop]
        return hashes[within], self.notes[:stop][within]


class WordNumbers:
    """Gives each word a number, the same for all notes."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def numbers(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Return the numbers of words; words that are new get new numbers."""
        known = self._numbers
        return np.fromiter((known.setdefault(word, len(known)) for word in words), np.int32, len(words))


def word_table(notes: Sequence[NDArray[np.int32]]) -> WordTable:
    """Return the table of notes, each given as the numbers of its words."""
    sizes = [note.size for note in notes]
    words = np.concatenate([*notes, np.empty(0, np.int32)]).astype(np.int64)
    return WordTable(words, np.repeat(np.arange(len(notes)), sizes), len(notes))


def scattered(numbers: NDArray) -> Hashes:
    """Return words' numbers scattered over 64 bits (the finalizer of splitmix64, Steele et al. 2014)."""
    values = (numbers.astype(np.uint64) + np.uint64(1)) * _BASE
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def longest_runs(notes: WordTable, corpus: WordTable) -> Integers:
    """Return, for each of ``notes``, the length in words of its longest run that a note of ``corpus`` has too."""
    sequence, note_of = _joined(notes, corpus)
    ranks = _ranks(sequence)
    order = np.empty_like(ranks[-1])
    order[ranks[-1]] = np.arange(order.size)
    is_corpus = note_of[order] < 0
    places = np.arange(order.size)
    before = np.maximum.accumulate(np.where(is_corpus, places, -1))
    after = np.minimum.accumulate(np.where(is_corpus, places, order.size)[::-1])[::-1]
    longest = np.zeros(notes.count, dtype=np.int64)
    for neighbours in (before, after):
        of_note = ~is_corpus & (neighbours >= 0) & (neighbours < order.size)
        starts, others = order[of_note], order[neighbours[of_note]]
        np.maximum.at(longest, note_of[starts], _common(ranks, starts, others))
    return longest


def _joined(notes: WordTable, corpus: WordTable) -> tuple[Integers, Integers]:
    """Return all words with a unique mark after each note, and the number of each word's note, -1 in the corpus."""
    words = np.concatenate([corpus.words, notes.words])
    note_of = np.concatenate([corpus.notes, notes.notes + corpus.count])
    ends = np.searchsorted(note_of, np.arange(corpus.count + notes.count), "right")
    marks = words.max(initial=-1) + 1 + np.arange(ends.size)
    sequence = np.insert(words, ends, marks)
    owners = np.insert(note_of, ends, np.arange(ends.size))
    return sequence, np.maximum(owners - corpus.count, -1)


def _ranks(sequence: Integers) -> list[Integers]:
    """Return the rank of the 1, 2, 4 ... words that begin at each place, until no two places share one."""
    ranks = [np.unique(sequence, return_inverse=True)[1]]
    width = 1
    while ranks[-1].max(initial=-1) + 1 < sequence.size:
        second = np.zeros_like(ranks[-1])
        second[:-width] = ranks[-1][width:] + 1
        ranks.append(np.unique(ranks[-1] * (sequence.size + 1) + second, return_inverse=True)[1])
        width *= 2
    return ranks


def _common(ranks: list[Integers], starts: Integers, others: Integers) -> Integers:
    """Return how many words are equal from two places on; no run passes the end of a note, whose mark is unique."""
    starts, others = starts.copy(), others.copy()
    length = np.zeros_like(starts)
    for level in range(len(ranks) - 1, -1, -1):
        same = ranks[level][starts] == ranks[level][others]
        step = np.where(same, 1 << level, 0)
        starts, others, length = starts + step, others + step, length + step
    return length


def log_probabilities(notes: WordTable, corpus: WordTable, vocabulary: int) -> tuple[Probabilities, Probabilities]:
    """Return the mean log probability of each note's words, by n-grams of up to `ORDER` words and by single words.

    The first words of a note have shorter contexts. The mean of a note without words is 0.

    Args:
        notes: The notes to score.
        corpus: The notes that the model is trained on.
        vocabulary: The number of different words, at least 1.

    Returns:
        Two arrays of shape (notes,), natural logarithms.
    """
    single = _extended(notes, corpus, 1, np.full(notes.words.size, 1 / vocabulary))
    whole = single
    for order in range(2, ORDER + 1):
        whole = _extended(notes, corpus, order, whole)
    return _means(notes, whole), _means(notes, single)


def _extended(notes: WordTable, corpus: WordTable, order: int, shorter: Probabilities) -> Probabilities:
    """Return the probability of each word after ``order`` - 1 words; ``shorter``: the same after one word fewer."""
    has_context = np.zeros(notes.words.size, dtype=bool)
    has_context[order - 1 :] = notes.notes[order - 1 :] == notes.notes[: notes.words.size - order + 1]
    grams, _ = notes.windows(order)
    contexts, _ = notes.windows(order, hashed=order - 1)
    corpus_grams, corpus_contexts = (corpus.windows(order, hashed=hashed)[0] for hashed in (order, order - 1))
    times = _counts(grams, corpus_grams)
    context_times = _counts(contexts, corpus_contexts)
    first = np.unique(corpus_grams, return_index=True)[1]
    followers = _counts(contexts, corpus_contexts[first])
    whole = context_times + followers
    mixed = (times + followers * shorter[has_context]) / np.maximum(whole, 1)
    result = shorter.copy()
    result[has_context] = np.where(whole > 0, mixed, shorter[has_context])
    return result


def _counts(wanted: Hashes, corpus: Hashes) -> Integers:
    """Return the frequency of each wanted hash in the corpus."""
    different, place = np.unique(wanted, return_inverse=True)
    at = np.searchsorted(different, corpus)
    at[at == different.size] = 0
    held = different[at] == corpus if different.size else np.zeros(corpus.size, dtype=bool)
    return np.bincount(at[held], minlength=different.size)[place]


def _means(notes: WordTable, probabilities: Probabilities) -> Probabilities:
    sizes = np.bincount(notes.notes, minlength=notes.count)
    sums = np.bincount(notes.notes, weights=np.log(probabilities), minlength=notes.count)
    return sums / np.maximum(sizes, 1)
