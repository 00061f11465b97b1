"""The longest run of words that a note shares with any note of a corpus, by a suffix array.

The array is made by prefix doubling (Manber & Myers 1993): for n words, a sort of n numbers for each doubling up to the
longest repeated passage. What is longest in common with any suffix of the corpus is in common with a neighbour of it in
the array.
"""

import numpy as np

from spacy_deid.audit.word_table import Integers, WordTable


def longest_runs(notes: WordTable, corpus: WordTable) -> Integers:
    """Return, for each of ``notes``, how many words its longest run has that stands in a note of ``corpus`` too."""
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
    """Return all words with a mark of its own after each note, and each one's number of note, -1 in the corpus."""
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
    """Return how many words are the same from two places on; a note's mark has no equal, so none reaches past it."""
    starts, others = starts.copy(), others.copy()
    length = np.zeros_like(starts)
    for level in range(len(ranks) - 1, -1, -1):
        same = ranks[level][starts] == ranks[level][others]
        step = np.where(same, 1 << level, 0)
        starts, others, length = starts + step, others + step, length + step
    return length
