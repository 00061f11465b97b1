"""Splits that keep all notes of a patient or source together."""

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
    """Split a corpus file between groups and return the number of notes in each written file.

    Args:
        source: Corpus file (.spacy).
        out: Folder for train.spacy, dev.spacy and, if there are three fractions, test.spacy.
        fractions: Two or three shares above 0 with a sum of 1, separated by commas.
        folds: Number of folds, at least 2, in place of fractions; folder 0, 1, ... has train and dev of a fold.
        seed: The same seed gives the same splits.

    Raises:
        DeidError: The fractions or folds are invalid, or a split is empty.
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
        raise DeidError(f"--fractions {fractions!r} is not two or three numbers. Remedy: e.g. 0.8,0.1,0.1.")
    return shares


def split_groups(
    groups: Sequence[str],
    fractions: Sequence[float],
    seed: int,
    *,
    remedy: str = "more notes, or larger fractions for the small splits",
) -> list[int]:
    """Return the number of the split of each note, 0 to ``len(fractions) - 1``.

    The groups are sorted by a hash of seed and name, and each is assigned to the smallest split that still has room for
    it; the largest split takes the rest. The result does not depend on the order of the notes, a new group moves only a
    few others, and the sizes are exact if groups are small. (A threshold on the hash would be perfectly stable, but a
    tenth of 500 notes would be between 37 and 63 notes.)

    Args:
        groups: The group of each note.
        fractions: The share of notes of each split, above 0, with a sum of 1.
        seed: The same seed gives the same splits.
        remedy: The remedy for too few notes, for the message.

    Raises:
        DeidError: The fractions are invalid, or a split is empty.
    """
    if min(fractions, default=0) <= 0 or not math.isclose(sum(fractions), 1):
        raise DeidError(
            f"The fractions {list(fractions)} are not all above 0 with a sum of 1. Remedy: e.g. 0.8,0.1,0.1."
        )
    sizes = Counter(groups)
    chosen = _chosen(sizes, fractions, seed)
    if len(set(chosen.values())) < len(fractions):
        notes, patients = _enough(sizes, fractions, seed)
        pattern = ", or a group pattern that distinguishes more patients" if len(sizes) < len(groups) else ""
        raise DeidError(
            f"{len(groups)} notes in {len(sizes)} groups (patients) do not fill {len(fractions)} splits: "
            f"{notes} notes in {patients} such groups are enough. "
            f"Remedy: {remedy}{pattern}."
        )
    return [chosen[group] for group in groups]


def _chosen(sizes: Mapping[str, int], fractions: Sequence[float], seed: int) -> dict[str, int]:
    """Return the split of each group, given the number of notes in each."""
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
    """Return the numbers of notes and of groups of such sizes that fill all splits."""
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
    """Return the Docs of each split in their order; groups stay together.

    Args:
        docs: Docs with ``deid_group``; a Doc without one is its own group, by its id or else its text.
        fractions: See `split_groups`.
        seed: See `split_groups`.
        remedy: See `split_groups`.

    Raises:
        DeidError: See `split_groups`.
    """
    chosen = split_groups(_groups(docs), fractions, seed, remedy=remedy)
    return [[doc for doc, split in zip(docs, chosen, strict=True) if split == n] for n in range(len(fractions))]


def fold_docs(docs: Sequence[Doc], folds: int, seed: int) -> list[tuple[list[Doc], list[Doc]]]:
    """Return (train, held out) for each fold; every Doc is held out of exactly one, together with its group.

    Args:
        docs: See `split_docs`.
        folds: Number of folds, at least 2.
        seed: The same seed gives the same folds.

    Raises:
        DeidError: There are fewer than two folds, or one is empty.
    """
    if folds < 2:
        raise DeidError(f"folds is {folds}; it must be at least 2.")
    parts = split_docs(docs, [1 / folds] * folds, seed, remedy="more notes, or fewer folds")
    return [([doc for other in parts if other is not part for doc in other], part) for part in parts]


def first_docs(docs: Sequence[Doc], notes: int, seed: int) -> list[Doc]:
    """Return whole groups of Docs, with ``notes`` Docs or a few more in total.

    Groups are chosen in the order of a hash of seed and name, so that a smaller choice is part of a larger one.

    Args:
        docs: See `split_docs`; their order is kept.
        notes: Wanted number of notes; 0 for all.
        seed: The same seed gives the same notes.

    Raises:
        DeidError: ``notes`` is below 0 or above the number of Docs.
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
