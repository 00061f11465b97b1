"""Writes the outputs of a run, each result before the next one is requested."""

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from spacy_deid.apply.formats.protocol import Table
from spacy_deid.apply.journal import JournalEntry
from spacy_deid.apply.ledger import Ledger
from spacy_deid.apply.outputs import Outputs
from spacy_deid.apply.reading import Batch, InputFile
from spacy_deid.apply.summary import Failures, FileCounts
from spacy_deid.apply.unit import HEADING, Outcome, Unit
from spacy_deid.files import sha256


class Writer:
    """Writes the results of units, and joins the parts of tables."""

    def __init__(self, outputs: Outputs, ledger: Ledger) -> None:
        self._outputs = outputs
        self._ledger = ledger

    def finish(self, batch: Batch, outcomes: Sequence[Outcome]) -> None:
        """Write the results of a batch."""
        for source, unit, outcome in zip(batch.of, batch.units, outcomes, strict=True):
            source.counts.add(outcome.counts)
            source.failed.add(outcome.failed)
            source.is_read &= outcome.is_read
            if source.table is None:
                self._end(source, None if outcome.data is None else _writes(outcome.data))
                continue
            if outcome.heading:
                source.problem = source.problem or f"{outcome.heading} {HEADING}"
            self._write_part(source, unit, outcome)
        for source in batch.ended:
            self._join(source)

    def _write_part(self, source: InputFile, unit: Unit, outcome: Outcome) -> None:
        path = self._outputs.part(source.key, unit.first)
        with self._outputs.written(path) as staged:
            staged.write_bytes(outcome.data or b"")
        failed = [(f"row {row}", reason) for row, reason in outcome.failed]
        self._ledger.add_part(unit, path, outcome.counts, failed)

    def _join(self, source: InputFile) -> None:
        """Write a table after all its rows are redacted."""
        if source.problem or source.table is None:
            names_somebody, named_folders = source.counts.names_somebody, source.counts.named_folders
            source.counts = FileCounts(1, names_somebody=names_somebody, named_folders=named_folders)
            source.failed, source.is_read = Failures(), False
            source.failed.add([(0, source.problem)])
            self._end(source, None)
        elif source.counts.documents and len(source.failed) == source.counts.documents:
            self._end(source, None)  # a heading without rows is not a document
        else:
            self._end(source, partial(_join_parts, source.table, source.parts))
        shutil.rmtree(self._outputs.parts(source.key), ignore_errors=True)

    def _end(self, source: InputFile, write: Callable[[Path], object] | None) -> None:
        """Write a file with ``write``, or none if it failed (None), and record it in the ledger."""
        name = self._outputs.name(source.name, source.key, names_somebody=source.counts.names_somebody)
        if write is None:
            self._outputs.remove(name)
        else:
            with self._outputs.written(self._outputs.root / name) as staged:
                write(staged)
        # the name of a file that could not be read may hold an identifier
        shown = name if write or source.is_read else self._outputs.neutral(source.name, source.key)
        failed = list(source.failed.by_reason(shown, source.path))
        entry = JournalEntry(
            source.key,
            source.digest,
            output=name if write else None,
            sha256=sha256(self._outputs.root / name) if write else "",
            counts=source.counts,
            failed=[(each.document, each.reason) for each in failed],
        )
        self._ledger.add(entry, source.name)
        self._ledger.summary.failed += failed


def _join_parts(table: Table, parts: Sequence[Path], target: Path) -> None:
    with target.open("wb") as file:
        table.join((part.read_bytes() for part in parts), file)


def _writes(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)
