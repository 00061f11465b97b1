"""Finished shards to the student's training corpus and its own early-stopping corpus."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_deid.corpus.docbin import read_docs, write
from spacy_deid.errors import DeidError
from spacy_deid.files import sha256
from spacy_deid.leakage.near_duplicates import NearDuplicates

TRAIN = "train.spacy"
DEV = "dev.spacy"


def merge(shards: Sequence[Path], folder: Path, *, threshold: float, dev_share: float) -> dict[str, Any]:
    """Write ``folder``/train.spacy and dev.spacy from the shards' accepted notes, and return the counts.

    Of near-duplicates of each other (Jaccard similarity from ``threshold``) the first one stays. dev_share:
    share of the accepted notes for dev.spacy, in (0, 1); at least one, chosen by a hash of their ids.

    Raises DeidError where fewer than two notes are accepted.
    """
    rejected: Counter[str] = Counter()
    accepted = list(_accepted(shards, threshold, rejected))
    if len(accepted) < 2:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in rejected.most_common())
        raise DeidError(
            f"Of the generated notes {len(accepted)} passed the filters; training needs at least 2 "
            f"(reasons against the others: {reasons or 'none'}). "
            "Remedy: check the adapted model, loosen deid_filter's settings, or generate more."
        )
    by_hash = sorted(accepted, key=lambda doc: hashlib.sha256(doc._.deid_id.encode("utf8")).digest())
    chosen = {doc._.deid_id for doc in by_hash[: max(1, round(dev_share * len(accepted)))]}
    parts = {
        TRAIN: [doc for doc in accepted if doc._.deid_id not in chosen],
        DEV: [doc for doc in accepted if doc._.deid_id in chosen],
    }
    files = {}
    for name, docs in parts.items():
        write(docs, folder / name)
        files[name] = {"notes": len(docs), "sha256": sha256(folder / name)}
    return {"files": files, "rejected": dict(sorted(rejected.items()))}


def _accepted(shards: Iterable[Path], threshold: float, rejected: Counter[str]) -> Iterable[Doc]:
    vocab = Vocab()
    earlier = NearDuplicates(threshold)
    for shard in shards:
        for doc in read_docs(shard, vocab):
            reasons = list(doc._.deid_rejected)
            if not reasons and doc.text in earlier:
                reasons = ["near_duplicate_of_another"]
            rejected.update(reasons)
            if not reasons:
                earlier.add(doc.text)
                yield doc
