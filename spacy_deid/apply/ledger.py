"""The finished files of a run: their counts, and the steps after the last of them.

The manifest goes to the recipient with the outputs. Hence it holds no text, no name that was changed and no hash of an
original, by which a guessed value could be confirmed.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from spacy_deid.apply.inputs import on_any_disk
from spacy_deid.apply.journal import Journal, JournalEntry, holds, key_of
from spacy_deid.apply.outputs import Outputs, flush_to_disk
from spacy_deid.apply.summary import Failure, FileCounts, Summary
from spacy_deid.apply.unit import Unit
from spacy_deid.files import atomic, sha256

IN_NAMED_FOLDER = "a file in a folder that names somebody"


class Ledger:
    """The files that this run and earlier ones have finished."""

    def __init__(self, outputs: Outputs, journal: Journal) -> None:
        self.summary = Summary()
        self._outputs = outputs
        self._journal = journal
        self._finished: dict[str, str] = {}  # key -> output, "" if nothing was written
        self._named_folders: set[str] = set()

    def key(self, name: str, digest: str) -> str:
        """Return the journal's key of an input, or of a part of one."""
        return key_of(self._outputs.secret, name, digest)

    def has_finished(self, key: str, name: str) -> bool:
        """Whether an earlier run has finished the input; if so, it is counted."""
        entry = self._journal.find(key, self._outputs.root)
        if entry is not None:
            self._count(entry, name)
        return entry is not None

    def finished_part(self, unit: Unit) -> FileCounts | None:
        """Return the counts of a part that an earlier run has finished, or None."""
        entry = self._journal.find(self._part_key(unit), self._outputs.work)
        return None if entry is None else entry.counts

    def add(self, entry: JournalEntry, name: str) -> None:
        """Record that the input ``name`` is finished, and count it."""
        self._journal.add(entry)
        self._count(entry, name)

    def add_part(self, unit: Unit, path: Path, counts: FileCounts, failed: list[tuple[str, str]]) -> None:
        """Record that a part of an input is finished.

        Args:
            unit: The part.
            path: The file with its output.
            counts: The counts of its documents.
            failed: Pairs of a document and the reason why it failed.
        """
        output = path.relative_to(self._outputs.work).as_posix()
        self._journal.add(JournalEntry(self._part_key(unit), _digest(unit), output, sha256(path), counts, failed))

    def _count(self, entry: JournalEntry, name: str) -> None:
        self._finished[entry.key] = entry.output or ""
        self._named_folders.add("/".join(name.split("/")[: entry.counts.named_folders]))
        self.summary.add(entry.counts)

    def _part_key(self, unit: Unit) -> str:
        return self.key(f"{unit.name}#{unit.first}", _digest(unit))

    def written(self) -> Iterator[JournalEntry]:
        """Yield the entry of each output of this run, in the order of the outputs' names.

        In the order of the inputs, the place of a neutral name would reveal the original's neighbours in the alphabet.
        """
        written = sorted((output, key) for key, output in self._finished.items() if output)
        return (self._journal.read(key) for _, key in written)

    def name_neutrally(self) -> None:
        """Give neutral names to the outputs in folders whose names hold a redacted value of any document."""
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
        """Remove the unchanged outputs of earlier runs whose inputs are gone or have changed.

        Without any input nothing is removed: IN may be an unmounted share.
        """
        if not self._finished:
            return
        written = {on_any_disk(entry.output) for entry in self.written() if entry.output}
        for entry in self._journal.others(set(self._finished)):
            name = entry.output  # a part's output is not below the root
            if name and on_any_disk(name) not in written and holds(self._outputs.root / name, entry.sha256):
                self._outputs.remove(name)
                self.summary.outdated += 1


def write_manifest(path: Path, about: Mapping[str, Any], ledger: Ledger) -> None:
    """Write the manifest: the settings, the counts and the outputs' hashes.

    All outputs are on the disk before it. The list of files is never in memory as a whole.

    Args:
        path: The manifest.
        about: The settings, as `described` returns them.
        ledger: The finished files.
    """
    summary = ledger.summary
    head = {
        **about,
        "documents": summary.documents,
        "redacted": dict(sorted(summary.redacted.items())),
        "unknown_labels": dict(sorted(summary.unknown.items())),
        "renamed": summary.renamed,
        "passed_over": summary.passed_over,
        "failed": [
            {"document": each.document, "reason": each.reason} for each in sorted(summary.failed, key=_name_and_row)
        ],
    }
    flush_to_disk()
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


def _name_and_row(failure: Failure) -> tuple[str, int]:
    """Return the sorting key of a document: its name and row, not the order of the inputs."""
    name, _, row = failure.document.rpartition(", row ")
    return (name, int(row)) if name and row.isdecimal() else (failure.document, 0)
