"""Splits that never tear a patient or source apart."""

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path

from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_deid.corpus.formats.docbin import read_docs, write_all
from spacy_deid.errors import DeidError

SPLITS = ("train", "dev", "test")


def split_file(
    source: Path, out: Path, *, fractions: str = "0.8,0.1,0.1", folds: int = 0, seed: int = 0
) -> dict[Path, int]:
    """Split a corpus file, never within a group, and return how many notes each written file holds.

    Args:
        source: Corpus file (.spacy).
        out: Folder for train.spacy, dev.spacy and, where three fractions are given, test.spacy.
        fractions: Two or three shares above 0, 1 in sum, by comma.
        folds: In place of fractions, from 2: the number of folds, each in a folder 0, 1, ... with train and dev.
        seed: The same seed gives the same splits.

    Raises:
        DeidError: The fractions or folds are none, or a split stays empty.
    """
    docs = list(read_docs(source, Vocab()))
    if folds:
        pairs = enumerate(fold_docs(docs, folds, seed))
        parts = {f"{n}/{name}": part for n, pair in pairs for name, part in zip(SPLITS, pair, strict=False)}
    else:
        parts = dict(zip(SPLITS, split_docs(docs, _shares(fractions), seed), strict=False))
    files = {out / f"{name}.spacy": part for name, part in parts.items()}
    write_all(files)
    return {path: len(part) for path, part in files.items()}


def _shares(fractions: str) -> list[float]:
    try:
        shares = [float(share) for share in fractions.split(",")]
    except ValueError:
        shares = []
    if len(shares) not in (2, 3):
        raise DeidError(f"--fractions {fractions!r}: not two or three numbers. Remedy: e.g. 0.8,0.1,0.1.")
    return shares


def split_groups(
    groups: Sequence[str],
    fractions: Sequence[float],
    seed: int,
    *,
    remedy: str = "more notes, or larger fractions for the small splits",
) -> list[int]:
    """Return the number of the split, 0 to ``len(fractions) - 1``, that each note goes to.

    The groups are put in the order of a hash of seed and name, and each goes to the smallest split that still
    has room for it; the largest split takes the rest. The order of the notes plays no part, a new group moves
    at most a few at the borders, and the sizes are exact as long as groups are small. (A threshold on the
    hash would be perfectly stable, but a tenth of 500 notes would come out anywhere between 37 and 63.)

    Args:
        groups: The group of each note.
        fractions: The share of notes of each split, above 0, 1 in sum.
        seed: The same seed gives the same splits.
        remedy: What the user can do about too few notes.

    Raises:
        DeidError: The fractions are none, or a split stays empty.
    """
    if min(fractions, default=0) <= 0 or not math.isclose(sum(fractions), 1):
        raise DeidError(
            f"The fractions {list(fractions)} are not all above 0 with a sum of 1. Remedy: e.g. 0.8,0.1,0.1."
        )
    sizes = Counter(groups)
    chosen = _chosen(sizes, fractions, seed)
    if len(set(chosen.values())) < len(fractions):
        notes, patients = _enough(sizes, fractions, seed)
        pattern = ", or a group pattern that tells more patients apart" if len(sizes) < len(groups) else ""
        raise DeidError(
            f"{len(groups)} notes in {len(sizes)} groups (patients) do not fill {len(fractions)} splits: "
            f"{notes} notes in {patients} such groups are enough. "
            f"Remedy: {remedy}{pattern}."
        )
    return [chosen[group] for group in groups]


def _chosen(sizes: Mapping[str, int], fractions: Sequence[float], seed: int) -> dict[str, int]:
    """Return the split of each group, given how many notes each group has."""
    *small, largest = sorted(range(len(fractions)), key=lambda split: fractions[split])
    notes = sum(sizes.values())
    room = {split: round(fractions[split] * notes) for split in small}
    chosen: dict[str, int] = {}
    for group in sorted(sizes, key=lambda name: _hash(seed, name)):
        chosen[group] = next((split for split in small if sizes[group] <= room[split]), largest)
        if chosen[group] in room:
            room[chosen[group]] -= sizes[group]
    return chosen


def _enough(sizes: Mapping[str, int], fractions: Sequence[float], seed: int) -> tuple[int, int]:
    """Return how many notes, of how many groups of such sizes, fill all splits."""
    such = dict(sizes) or {"": 1}
    for number, size in enumerate(cycle(list(such.values()))):
        such[f"another {number}"] = size
        if len(set(_chosen(such, fractions, seed).values())) == len(fractions):
            break
    return sum(such.values()), len(such)


def split_docs(
    docs: Sequence[Doc],
    fractions: Sequence[float],
    seed: int,
    *,
    remedy: str = "more notes, or larger fractions for the small splits",
) -> list[list[Doc]]:
    """Return the Docs of each split, in their order, by their ``deid_group``; see `split_groups`.

    A Doc without a group is one of its own, by its id or, where it has none either, its text.
    """
    chosen = split_groups(_groups(docs), fractions, seed, remedy=remedy)
    return [[doc for doc, split in zip(docs, chosen, strict=True) if split == n] for n in range(len(fractions))]


def fold_docs(docs: Sequence[Doc], folds: int, seed: int) -> list[tuple[list[Doc], list[Doc]]]:
    """Return (train, held out) of each of ``folds`` folds; every Doc is held out of one, and a group never torn apart.

    Raises DeidError for fewer than two folds, and where one stays empty.
    """
    if folds < 2:
        raise DeidError(f"folds is {folds}; it must be at least 2.")
    parts = split_docs(docs, [1 / folds] * folds, seed, remedy="more notes, or fewer folds")
    return [([doc for other in parts if other is not part for doc in other], part) for part in parts]


def first_docs(docs: Sequence[Doc], notes: int, seed: int) -> list[Doc]:
    """Return whole groups of Docs, in their order, until there are ``notes`` or a few more; all where that is 0.

    Groups come in the order of a hash of seed and name, so that fewer notes are a part of more. Raises DeidError where
    ``notes`` is below 0 or there are not so many.
    """
    if not 0 <= notes <= len(docs):
        raise DeidError(f"{notes} notes to train on: there are {len(docs)}. Remedy: ask for 0 (all) to {len(docs)}.")
    groups = _groups(docs)
    kept: set[str] = set()
    count = 0
    for group, size in sorted(Counter(groups).items(), key=lambda item: _hash(seed, item[0])):
        if count >= notes:
            break
        kept.add(group)
        count += size
    return [doc for doc, group in zip(docs, groups, strict=True) if not notes or group in kept]


def _groups(docs: Sequence[Doc]) -> list[str]:
    return [doc._.deid_group or doc._.deid_id or doc.text for doc in docs]


def _hash(seed: int, group: str) -> bytes:
    return hashlib.blake2b(f"{seed}:{group}".encode(), digest_size=16).digest()
