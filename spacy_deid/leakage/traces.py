"""Traces of the reference notes that must not occur in a synthetic note: long runs of words, and rare identifiers.

Both are stored as 64-bit BLAKE2b digests. These cannot be read, but guesses can be tested against them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from spacy_deid.leakage.keys import LONGEST_KEY, by_patient, numbers_in, rare_identifiers
from spacy_deid.leakage.near_duplicates import words


class Traces:
    """Digests of runs of ``max_run`` + 1 words that occur in few patients' reference notes, and of rare identifiers."""

    def __init__(self, *, max_run: int, runs: Iterable[int], identifiers: Iterable[int]) -> None:
        self._max_run = max_run
        self._runs = frozenset(runs)
        self._identifiers = frozenset(identifiers)

    @classmethod
    def of(cls, docs: Sequence[Doc], *, max_run: int, rare_in: int) -> "Traces":
        """Return the traces of the reference.

        Args:
            docs: The reference notes.
            max_run: The maximum number of words in a row that a note may repeat.
            rare_in: The maximum number of patients of a rare identifier or run; a run of more patients is a form or a
                set phrase. With 0 nothing is rare.
        """
        patients = by_patient((doc.text for doc in docs), (doc._.deid_group for doc in docs))
        counts = Counter(digest for texts in patients for digest in _runs_of(texts, max_run + 1))
        runs = [digest for digest, number in counts.items() if number <= rare_in]
        return cls(max_run=max_run, runs=runs, identifiers=map(_digest, rare_identifiers(docs, rare_in)))

    def has_run(self, text: str) -> bool:
        """Whether the text repeats more than max_run words in a row."""
        return bool(self._runs) and not self._runs.isdisjoint(_runs(text, self._max_run + 1))

    def has_rare_identifier(self, text: str) -> bool:
        """Whether a rare identifier occurs in the text."""
        return any(_digest(key) in self._identifiers for key in _possible_keys(text)) if self._identifiers else False

    def arrays(self) -> dict[str, NDArray[np.uint64]]:
        """Return the digests for `from_arrays`, sorted, so that the same reference gives the same bytes."""
        return {
            "runs": np.array(sorted(self._runs), dtype=np.uint64),
            "identifiers": np.array(sorted(self._identifiers), dtype=np.uint64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.uint64]], *, max_run: int) -> "Traces":
        """Return traces made of the result of `arrays`."""
        return cls(max_run=max_run, runs=arrays["runs"].tolist(), identifiers=arrays["identifiers"].tolist())


def _runs_of(texts: Iterable[str], length: int) -> set[int]:
    return {digest for text in texts for digest in _runs(text, length)}


def _runs(text: str, length: int) -> Iterator[int]:
    found = words(text)
    for start in range(len(found) - length + 1):
        yield _digest(" ".join(found[start : start + length]))


def _possible_keys(text: str) -> Iterator[str]:
    found = words(text)
    for start in range(len(found)):
        for stop in range(start + 1, min(start + LONGEST_KEY, len(found)) + 1):
            yield " ".join(found[start:stop])
    yield from numbers_in(text)


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf8"), digest_size=8).digest(), "big")
