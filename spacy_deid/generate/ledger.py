"""The state of a sharded run: its inputs and its finished shards, in manifest.json."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import srsly

from spacy_deid.errors import DeidError
from spacy_deid.files import sha256, sha256_folder, sha256_tree, write_json
from spacy_deid.manifest import MANIFEST, unchanged, versions

VERSIONED = ("spacy-deid", "spacy", "torch", "transformers")


@dataclass(frozen=True)
class Inputs:
    """Everything that determines the result of a run: hashes of its files, and versions of the libraries."""

    seeds: str
    pipeline: str
    weights: list[str]
    shard_size: int
    versions: dict[str, str]


@dataclass
class Shard:
    """A finished shard: its file and its counts.

    failed: note id -> error. rejected: reason -> notes. repaired: the language model's own marks that were repaired.
    seconds: wall time.
    """

    name: str
    sha256: str
    notes: int
    tokens: int
    seconds: float
    failed: dict[str, str] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    repaired: int = 0


class ShardLedger:
    """The manifest of one run's folder; each change is on disk before the method returns."""

    def __init__(self, folder: Path, inputs: Inputs, *, replace_outdated: bool = False) -> None:
        """Open the folder's manifest, or begin one.

        Args:
            folder: Folder of the run.
            inputs: What the result depends on.
            replace_outdated: Delete the shards of a run with other inputs, and start again.

        Raises:
            DeidError: The manifest is damaged, or the folder has a run with other inputs.
        """
        self.folder = folder
        self._path = folder / MANIFEST
        self._inputs = inputs
        self.shards: dict[str, Shard] = {}
        self.corpus: dict[str, Any] | None = None
        if self._path.is_file():
            self._resume(replace_outdated)
        else:
            self._write()
        for begun in (f".{MANIFEST}.*", "**/.*.spacy.*"):
            for remnant in folder.glob(begun):  # half written by a run that was killed
                remnant.unlink()

    def finished(self, name: str) -> bool:
        """Whether a shard is finished, no note of it failed, and its file is unchanged."""
        shard = self.shards.get(name)
        return shard is not None and not shard.failed and unchanged(self.folder, {name: shard.sha256})

    def merged(self) -> bool:
        """Whether the corpus is finished and its files are unchanged."""
        if self.corpus is None:
            return False
        return unchanged(self.folder, {name: part["sha256"] for name, part in self.corpus["files"].items()})

    def add(self, shard: Shard) -> None:
        """Record a shard; a corpus merged without it no longer counts."""
        self.shards[shard.name] = shard
        self.corpus = None
        self._write()

    def close(self, corpus: dict[str, Any]) -> None:
        """Record the merged corpus."""
        self.corpus = corpus
        self._write()

    def _resume(self, replace_outdated: bool) -> None:
        begun, shards, corpus = _read(self._path)
        changed = [name for name, value in asdict(self._inputs).items() if begun.get(name) != value]
        if changed and replace_outdated:
            for outdated in self.folder.glob("**/*.spacy"):
                outdated.unlink()
            self._write()
            return
        if changed:
            raise DeidError(
                f"{self.folder} was begun with other inputs ({', '.join(changed)} changed since). "
                "Remedy: choose another folder, or pass --replace-outdated to start this one again."
            )
        self.shards = {shard.name: shard for shard in shards}
        self.corpus = corpus

    def _write(self) -> None:
        shards = [asdict(self.shards[name]) for name in sorted(self.shards)]
        write_json(self._path, {"inputs": asdict(self._inputs), "shards": shards, "corpus": self.corpus})


def inputs_of(seeds: Path, pipeline: Path, weights: Iterable[Path], shard_size: int) -> Inputs:
    """Return the hashed inputs of a run.

    Args:
        seeds: Corpus file.
        pipeline: Folder of a pipeline.
        weights: Model directories, without their subfolders.
        shard_size: Notes in each shard.
    """
    return Inputs(
        seeds=sha256(seeds),
        pipeline=sha256_folder(pipeline),
        weights=[sha256_tree(filter(Path.is_file, folder.iterdir()), folder) for folder in weights],
        shard_size=shard_size,
        versions=versions(*VERSIONED),
    )


def _read(path: Path) -> tuple[dict[str, Any], list[Shard], dict[str, Any] | None]:
    """Return inputs, shards and corpus of a manifest."""
    try:
        manifest = srsly.read_json(path)
        return manifest["inputs"], [Shard(**shard) for shard in manifest["shards"]], manifest["corpus"]
    except (ValueError, TypeError, KeyError) as error:
        raise DeidError(f"{path} is damaged. Remedy: remove it; all shards are then made again.") from error
