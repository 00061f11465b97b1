"""The sharded run: seeds to a filtered, annotated synthetic corpus, resumable after a kill at any point."""

import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab
from tqdm import tqdm

from spacy_deid.corpus.formats.docbin import read_docs, write
from spacy_deid.errors import DeidError
from spacy_deid.files import sha256
from spacy_deid.generate.causal_lm import adapted_mode
from spacy_deid.generate.ledger import Shard, ShardLedger, inputs_of
from spacy_deid.generate.seeds import is_seed
from spacy_deid.generate.shard import FILTER, NoteMeter, make_notes, note_model
from spacy_deid.leakage.near_duplicates import NearDuplicates
from spacy_deid.pipelines import load_pipeline

DEV_SHARE = 0.1
TRAIN = "train.spacy"
DEV = "dev.spacy"


@dataclass(frozen=True)
class RunSummary:
    """The result of a run, over all its shards and restarts.

    repaired: the language model's own marks that were repaired. seconds: wall time of all shards together.
    """

    notes: int
    train: int
    dev: int
    rejected: dict[str, int]
    repaired: int
    failed: dict[str, str]
    tokens: int
    seconds: float


def generate(
    pipeline: Path,
    seeds: Path,
    folder: Path,
    *,
    shard_size: int = 256,
    replace_outdated: bool = False,
    quiet: bool = False,
) -> RunSummary:
    """Write a synthetic corpus in shards, and the accepted notes to train.spacy and dev.spacy.

    A shard is finished once its file and its entry in the manifest are on disk. It is never made twice, unless a
    component failed on one of its notes. A run after a kill ends with the same corpus if its inputs are the same.

    Args:
        pipeline: Directory made by `spacy assemble`.
        seeds: Corpus file of seed Docs.
        folder: Folder for shards/*.spacy, manifest.json, train.spacy and dev.spacy.
        shard_size: Notes in each shard, at least 1.
        replace_outdated: Delete the shards of a folder that was begun with other inputs, and start again.
        quiet: Show no progress bar.

    Raises:
        DeidError: Inputs are absent or empty, or the folder was begun with other inputs.
    """
    if shard_size < 1:
        raise DeidError(f"shard_size is {shard_size}; it must be at least 1.")
    nlp = load_pipeline(pipeline)
    docs = _read_seeds(seeds, nlp)
    weights = note_model(nlp).directories()
    _require_mode(weights, docs)
    inputs = inputs_of(seeds, pipeline, weights, shard_size)
    ledger = ShardLedger(folder, inputs, replace_outdated=replace_outdated)
    shards = {
        f"shards/{start // shard_size:05d}.spacy": docs[start : start + shard_size]
        for start in range(0, len(docs), shard_size)
    }
    _make_shards(nlp, shards, ledger, quiet)
    if not ledger.merged():
        threshold = nlp.get_pipe(FILTER).near_duplicate_threshold  # type: ignore[attr-defined]
        paths = [folder / name for name in shards]
        ledger.close(merge(paths, folder, threshold=threshold, dev_share=DEV_SHARE))
    return _summary(ledger)


def _read_seeds(path: Path, nlp: Language) -> list[Doc]:
    docs = list(read_docs(path, nlp.vocab))
    if not docs:
        raise DeidError(f"{path} holds no seed. Remedy: make it with `spacy deid seed`.")
    if not all(map(is_seed, docs)):
        raise DeidError(f"{path} holds notes, not seeds. Remedy: make seeds from it with `spacy deid seed`.")
    if len({doc._.deid_id for doc in docs}) < len(docs):
        raise DeidError(f"{path} holds several seeds with the same id. Remedy: make it with `spacy deid seed`.")
    return docs


def _require_mode(weights: Sequence[Path], seeds: Sequence[Doc]) -> None:
    """Raise DeidError if an adapter among the directories was adapted to another mode than that of the seeds."""
    for folder in weights:
        mode = adapted_mode(folder)
        other = next((found for seed in seeds if (found := seed._.deid_meta.get("mode", "prefix")) != mode), mode)
        if mode is not None and other != mode:
            raise DeidError(
                f"{folder} was adapted to the mode {mode!r}, but the seeds have the mode {other!r}. "
                f"Remedy: make seeds with --mode {mode}, or adapt with --corpus.mode {other}."
            )


def _make_shards(nlp: Language, shards: dict[str, list[Doc]], ledger: ShardLedger, quiet: bool) -> None:
    left = {name: seeds for name, seeds in shards.items() if not ledger.finished(name)}
    total, todo = (sum(map(len, some.values())) for some in (shards, left))
    with tqdm(total=total, initial=total - todo, unit="note", disable=quiet) as bar:
        note_model(nlp).on_progress = NoteMeter(bar)
        for name, seeds in left.items():
            ledger.add(_make_shard(nlp, name, seeds, ledger.folder))


def _make_shard(nlp: Language, name: str, seeds: Sequence[Doc], folder: Path) -> Shard:
    start = time.perf_counter()
    notes, failed = make_notes(nlp, seeds)
    write(notes, folder / name)
    return Shard(
        name=name,
        sha256=sha256(folder / name),
        notes=len(notes),
        tokens=sum(note._.deid_meta["tokens"] for note in notes),
        seconds=round(time.perf_counter() - start, 3),
        failed=failed,
        rejected=dict(Counter(reason for note in notes for reason in note._.deid_rejected)),
        repaired=sum(note._.deid_meta.get("repaired", 0) for note in notes),
    )


def _summary(ledger: ShardLedger) -> RunSummary:
    shards = ledger.shards.values()
    corpus = ledger.corpus or {}
    return RunSummary(
        notes=sum(shard.notes for shard in shards),
        train=corpus["files"][TRAIN]["notes"],
        dev=corpus["files"][DEV]["notes"],
        rejected=corpus["rejected"],
        repaired=sum(shard.repaired for shard in shards),
        failed={note: reason for shard in shards for note, reason in shard.failed.items()},
        tokens=sum(shard.tokens for shard in shards),
        seconds=sum(shard.seconds for shard in shards),
    )


def merge(shards: Sequence[Path], folder: Path, *, threshold: float, dev_share: float) -> dict[str, Any]:
    """Write the shards' accepted notes to train.spacy and dev.spacy, and return the counts.

    Of several near-duplicates, the first one is kept.

    Args:
        shards: Corpus files.
        folder: Folder to write to.
        threshold: The least Jaccard similarity of near-duplicates.
        dev_share: Share of the accepted notes for dev.spacy, in (0, 1); at least one note, chosen by a hash of its id.

    Raises:
        DeidError: Fewer than two notes are accepted.
    """
    rejected: Counter[str] = Counter()
    accepted = list(_accepted(shards, threshold, rejected))
    if len(accepted) < 2:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in rejected.most_common())
        raise DeidError(
            f"{len(accepted)} of the generated notes passed the filters; training needs at least 2 "
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
