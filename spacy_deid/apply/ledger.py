"""The finished files of a run: what was counted, and what is left to do once all are finished.

The manifest is given away with the outputs. Hence it holds no text, no name that was changed and no hash of an
original, which would confirm a value that its reader tries.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from spacy_deid.apply.inputs import on_any_disk
from spacy_deid.apply.journal import Journal, JournalEntry, holds, key_of
from spacy_deid.apply.outputs import Outputs, on_disk
from spacy_deid.apply.summary import Failure, FileCounts, Summary
from spacy_deid.apply.unit import Unit
from spacy_deid.files import atomic, sha256

IN_NAMED_FOLDER = "a file in a folder that names somebody"


class Ledger:
    """Knows what is finished, by this run and by earlier ones."""

    def __init__(self, outputs: Outputs, journal: Journal) -> None:
        self.summary = Summary()
        self._outputs = outputs
        self._journal = journal
        self._finished: dict[str, str] = {}  # key -> output, "" where nothing was written
        self._named_folders: set[str] = set()

    def key(self, name: str, digest: str) -> str:
        """Return by what the journal knows an input, or a part of one."""
        return key_of(self._outputs.secret, name, digest)

    def has_finished(self, key: str, name: str) -> bool:
        """Whether an earlier run has finished the input of that key and name; it is counted if so."""
        entry = self._journal.find(key, self._outputs.root)
        if entry is not None:
            self._count(entry, name)
        return entry is not None

    def finished_part(self, unit: Unit) -> FileCounts | None:
        """Return the counts of a part that an earlier run has finished."""
        entry = self._journal.find(self._part_key(unit), self._outputs.work)
        return None if entry is None else entry.counts

    def add(self, entry: JournalEntry, name: str) -> None:
        """Write down that the input ``name`` is finished, and count it."""
        self._journal.add(entry)
        self._count(entry, name)

    def add_part(self, unit: Unit, path: Path, counts: FileCounts, failed: list[tuple[str, str]]) -> None:
        """Write down that a part of an input is finished, which was written to ``path``."""
        output = path.relative_to(self._outputs.work).as_posix()
        self._journal.add(JournalEntry(self._part_key(unit), _digest(unit), output, sha256(path), counts, failed))

    def _count(self, entry: JournalEntry, name: str) -> None:
        self._finished[entry.key] = entry.output or ""
        self._named_folders.add("/".join(name.split("/")[: entry.counts.named_folders]))
        self.summary.add(entry.counts)

    def _part_key(self, unit: Unit) -> str:
        return self.key(f"{unit.name}#{unit.first}", _digest(unit))

    def written(self) -> Iterator[JournalEntry]:
        """Yield the entry of each file of this run that was written, by the outputs' names.

        In the order of the inputs, the place of a neutral name would show between which names the original lies.
        """
        written = sorted((output, key) for key, output in self._finished.items() if output)
        return (self._journal.read(key) for _, key in written)

    def name_neutrally(self) -> None:
        """Give neutral names to outputs in a folder whose name holds a redacted value of any document."""
        for key, output in self._finished.items():
            if self._is_in_named_folder(output):
                name = self._outputs.neutral(output, key)
                self._outputs.move(output, name)
                entry = self._journal.read(key)
                self._journal.add(replace(entry, output=name, counts=replace(entry.counts, names_somebody=True)))
                self._finished[key] = name
                self.summary.renamed += 1
        self.summary.failed = [
            each._replace(document=IN_NAMED_FOLDER) if self._is_in_named_folder(each.document) else each
            for each in self.summary.failed
        ]

    def _is_in_named_folder(self, name: str) -> bool:
        folders = name.split("/")[:-1]
        return any("/".join(folders[:end]) in self._named_folders for end in range(1, len(folders) + 1))

    def remove_outdated(self) -> None:
        """Remove what earlier runs wrote of inputs that are gone or have changed, if it is as they wrote it.

        Without any input nothing is removed: IN may be a share that is not there.
        """
        if not self._finished:
            return
        written = {on_any_disk(entry.output) for entry in self.written() if entry.output}
        for entry in self._journal.others(set(self._finished)):
            name = entry.output  # that of a part is no file below the root
            if name and on_any_disk(name) not in written and holds(self._outputs.root / name, entry.sha256):
                self._outputs.remove(name)
                self.summary.outdated += 1


def write_manifest(path: Path, about: Mapping[str, Any], ledger: Ledger) -> None:
    """Write the manifest: counts, the model's version, the policy and the outputs' hashes.

    All outputs are on the disk before it. The list of files is never in memory as a whole.
    """
    summary = ledger.summary
    head = {
        **about,
        "documents": summary.documents,
        "redacted": dict(sorted(summary.redacted.items())),
        "unknown_labels": dict(sorted(summary.unknown.items())),
        "renamed": summary.renamed,
        "passed_over": summary.passed_over,
        "failed": [{"document": each.document, "reason": each.reason} for each in sorted(summary.failed, key=_place)],
    }
    on_disk()
    with atomic(path, 0o644) as temporary, temporary.open("w", encoding="utf8") as file:
        file.write(json.dumps(head, indent=2, ensure_ascii=False).removesuffix("\n}"))
        file.write(',\n  "files": [')
        for number, entry in enumerate(ledger.written()):
            file.write("," * (number > 0) + "\n    " + json.dumps(_shown(entry), ensure_ascii=False))
        file.write("\n  ]\n}\n")


def _digest(unit: Unit) -> str:
    return hashlib.sha256(unit.data).hexdigest()


def _shown(entry: JournalEntry) -> dict[str, Any]:
    counts = entry.counts
    return {
        "output": entry.output,
        "sha256": entry.sha256,
        "documents": counts.documents,
        "redacted": counts.redacted,
    }


def _place(failure: Failure) -> tuple[str, int]:
    """Return a document's place among others: by name and row, not in the order of the inputs."""
    name, _, row = failure.document.rpartition(", row ")
    return (name, int(row)) if name and row.isdecimal() else (failure.document, 0)
