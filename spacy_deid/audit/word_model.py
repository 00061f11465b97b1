"""An n-gram language model of words, interpolated after Witten & Bell (Bell, Cleary & Witten 1990).

The share of each order is P(w | context) = (c(context w) + t(context) P(w | shorter context)) / (c(context) +
t(context)), with c how often the corpus has something and t how many different words follow it there. Only n-grams of
the notes that are scored are counted, so memory grows with those, time with the corpus.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from spacy_deid.audit.word_table import Hashes, Integers, WordTable

Probabilities: TypeAlias = NDArray[np.float64]
ORDER = 4


def log_probabilities(notes: WordTable, corpus: WordTable, vocabulary: int) -> tuple[Probabilities, Probabilities]:
    """Return the mean log probability of a word of each note, by the model of `ORDER` words and by single words.

    ``vocabulary``: how many different words there are, > 0. The first words of a note have shorter contexts. A note
    without words has 0.
    """
    single = _extended(notes, corpus, 1, np.full(notes.words.size, 1 / vocabulary))
    whole = single
    for order in range(2, ORDER + 1):
        whole = _extended(notes, corpus, order, whole)
    return _means(notes, whole), _means(notes, single)


def _extended(notes: WordTable, corpus: WordTable, order: int, shorter: Probabilities) -> Probabilities:
    """Return the probability of each word after ``order`` - 1 words, given that after one word fewer."""
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
    """Return how often each wanted hash is in the corpus."""
    different, place = np.unique(wanted, return_inverse=True)
    at = np.searchsorted(different, corpus)
    at[at == different.size] = 0
    held = different[at] == corpus if different.size else np.zeros(corpus.size, dtype=bool)
    return np.bincount(at[held], minlength=different.size)[place]


def _means(notes: WordTable, probabilities: Probabilities) -> Probabilities:
    sizes = np.bincount(notes.notes, minlength=notes.count)
    sums = np.bincount(notes.notes, weights=np.log(probabilities), minlength=notes.count)
    return sums / np.maximum(sizes, 1)
