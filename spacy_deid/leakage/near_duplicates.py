"""Near-duplicate notes, found by MinHash (Broder 1997) and locality-sensitive hashing.

The measure is the one of Lee et al. 2022 (arXiv 2107.06499): the Jaccard similarity of the sets of 5-word
shingles, here estimated from 128 hash values (standard error at .8: .035).
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from datasketch import MinHash

SHINGLE_WORDS = 5
PERMUTATIONS = 128
HIGHEST_THRESHOLD = 0.99  # a higher one would leave the hashing a single band
_SCHEME = "affine32"
_NO_ASCII = re.compile(r"[^\x00-\x7f]")

Signatures = NDArray[np.uint32]  # shape (notes, PERMUTATIONS)


def folded(text: str) -> str:
    """Return a text without the differences of writers and files: case, accents, ligatures, zero-width characters."""
    return _NO_ASCII.sub(lambda match: _plain(match[0]), text).casefold()


def words(text: str) -> list[str]:
    """Return the words of a text, `folded` and without punctuation."""
    return re.findall(r"\w+", folded(text).replace("_", " "))


@cache
def _plain(character: str) -> str:
    """Return a character without its marks; "" for a mark or a zero-width character, such as a soft hyphen."""
    parts = unicodedata.normalize("NFKD", character)
    return "".join(part for part in parts if unicodedata.category(part) not in ("Mn", "Me", "Cf"))


def signatures(texts: Iterable[str]) -> Signatures:
    """Return the MinHash signature of each text: it cannot be read, but guesses can be tested against it."""
    rows = [_minhash(text).hashvalues for text in texts]
    return np.array(rows, dtype=np.uint32).reshape(len(rows), PERMUTATIONS)


class NearDuplicates:
    """An index of notes that decides whether a text is nearly equal to one of them.

    threshold: the lowest Jaccard similarity of the 5-word shingles of near-duplicates, above 0 and at most
    `HIGHEST_THRESHOLD`.
    """

    def __init__(self, threshold: float) -> None:
        from datasketch import MinHashLSH

        self._threshold = threshold
        # weights: a false candidate costs a comparison, a missed one lets a duplicate pass
        self._index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, weights=(0.1, 0.9))
        self._known: list[MinHash] = []

    def add(self, text: str) -> None:
        """Add a note to the index."""
        self._insert(_minhash(text))

    def add_signatures(self, rows: Signatures) -> None:
        """Add notes to the index by their signatures."""
        from datasketch import MinHash

        permutations = _template().permutations
        for row in rows:
            self._insert(MinHash(hashvalues=row, permutations=permutations, scheme=_SCHEME))

    def __contains__(self, text: str) -> bool:
        """Return whether a note of the index is at least as similar as the threshold."""
        minhash = _minhash(text)
        candidates = self._index.query(minhash)  # some are below the threshold
        return any(self._known[key].jaccard(minhash) >= self._threshold for key in candidates)

    def _insert(self, minhash: "MinHash") -> None:
        self._index.insert(len(self._known), minhash)
        self._known.append(minhash)


@cache
def _template() -> "MinHash":
    """Return an empty MinHash to copy, since making the permutations takes longer than hashing a note."""
    from datasketch import MinHash

    return MinHash(num_perm=PERMUTATIONS, scheme=_SCHEME)


def _minhash(text: str) -> "MinHash":
    found = words(text)
    last = max(1, len(found) - SHINGLE_WORDS + 1)
    minhash = _template().copy()
    minhash.update_batch({" ".join(found[i : i + SHINGLE_WORDS]).encode("utf8") for i in range(last)})
    return minhash
