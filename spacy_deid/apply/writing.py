"""The work of a run, in batches: what is left to do, and what is done with each result."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from spacy_deid.apply.formats.protocol import Format, Table
from spacy_deid.apply.formats.registry import (
    FILES,
    TABLES,
    check_installed,
    file_format,
    not_read,
    table_format,
)
from spacy_deid.apply.formats.rows import RowSettings
from spacy_deid.apply.inputs import on_any_disk
from spacy_deid.apply.journal import Entry, Journal, holds, key_of
from spacy_deid.apply.outputs import Outputs
from spacy_deid.apply.source import Batch, Source
from spacy_deid.apply.summary import Failures, Summary
from spacy_deid.apply.unit import HEADING, Outcome, Unit
from spacy_deid.errors import DeidError
from spacy_deid.files import sha256

# a batch's words are made anew: in larger ones more of them come again
_MOST_UNITS = 128
_MOST_BYTES = 250_000

IN_NAMED_FOLDER = "a file in a folder that names somebody"

Step = tuple[Source, Unit | None]  # None: all units of the source are on their way


class Work:
    """Reads inputs as they are needed, and writes every result before the next is asked for."""

    def __init__(
        self, folder: Path, names: Sequence[str], rows: RowSettings, outputs: Outputs, journal: Journal
    ) -> None:
        """names: of the files below ``folder``. Raises DeidError where a package is missing that one of them needs."""
        check_installed({_suffix(name) for name in names})
        self.summary = Summary()
        self._folder = folder
        self._names = names
        self._rows = rows
        self._outputs = outputs
        self._journal = journal
        self._finished: dict[str, str] = {}  # key -> output, "" where nothing was written
        self._named_folders: set[str] = set()

    def batches(self) -> Iterator[tuple[Batch, list[Unit]]]:
        """Yield what is left to do, each batch with the units that a process needs of it."""
        batch = Batch()
        for name in self._names:
            for source, unit in self._steps(name):
                if unit is None:
                    batch.ended.append(source)
                else:
                    batch.units.append(unit)
                    batch.of.append(source)
                if len(batch.units) >= _MOST_UNITS or batch.size >= _MOST_BYTES:
                    yield batch, batch.units
                    batch = Batch()
        yield batch, batch.units

    def finish(self, batch: Batch, outcomes: Sequence[Outcome]) -> None:
        """Write what became of a batch."""
        for source, unit, outcome in zip(batch.of, batch.units, outcomes, strict=True):
            source.add(
                documents=outcome.documents,
                redacted=outcome.redacted,
                unknown=outcome.unknown,
                failed=outcome.failed,
                names_somebody=outcome.names_somebody,
                named_folders=outcome.named_folders,
            )
            source.is_read &= outcome.is_read
            if source.table is not None:
                if outcome.heading:
                    source.problem = source.problem or f"{outcome.heading} {HEADING}"
                self._write_part(source, unit, outcome)
            elif outcome.data is None:
                self._end(source, None)
            else:
                self._end(source, _writes(outcome.data))
        for source in batch.ended:
            self._join(source)

    def entries(self) -> Iterator[Entry]:
        """Yield what the journal has of each file of this run that was written, by the outputs' names.

        In the order of the inputs, neutral names would tell between which others theirs stand.
        """
        written = sorted((output, key) for key, output in self._finished.items() if output)
        return (self._journal.read(key) for _, key in written)

    def name_neutrally(self) -> None:
        """Give neutral names to what was written in a folder that somebody else's values, or later ones, name."""
        for key, output in self._finished.items():
            if self._is_in_named_folder(output):
                name = self._outputs.neutral(output, key)
                self._outputs.move(output, name)
                self._journal.add(replace(self._journal.read(key), output=name, names_somebody=True))
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
        written = {on_any_disk(entry.output) for entry in self.entries() if entry.output}
        for entry in self._journal.others(set(self._finished)):
            name = entry.output  # that of a part is no file below the root
            if name and on_any_disk(name) not in written and holds(self._outputs.root / name, entry.sha256):
                self._outputs.remove(name)
                self.summary.outdated += 1

    def _steps(self, name: str) -> Iterator[Step]:
        path, suffix = self._folder / name, _suffix(name)
        try:
            if not path.is_file():
                yield self._source(name, "", "no file: a pipe, a device, or gone since the run began"), None
            elif suffix in TABLES:
                yield from self._rows_of(path, name)
            elif suffix in FILES:
                yield from self._whole(path, name)
            else:
                yield self._source(name, sha256(path), not_read(suffix)), None
        except OSError as error:
            yield self._source(name, "", error.strerror or type(error).__name__), None

    def _source(self, name: str, digest: str, problem: str = "") -> Source:
        return Source(name, digest, key_of(self._outputs.secret, name, digest), problem=problem)

    def _whole(self, path: Path, name: str) -> Iterator[Step]:
        data = path.read_bytes()
        source = self._source(name, hashlib.sha256(data).hexdigest())
        if not self._is_finished(source):
            yield source, self._unit(source, data, file_format(_suffix(name), self._rows))

    def _rows_of(self, path: Path, name: str) -> Iterator[Step]:
        source = self._source(name, sha256(path))
        if self._is_finished(source):
            return
        with path.open("rb") as file:
            try:
                source.table = table_format(_suffix(name), self._rows).open(file)
                row = 1
                for rows, data in source.table.parts():
                    unit = self._unit(source, data, source.table.format, row)
                    source.parts.append(self._part(source, row))
                    if not self._is_finished_part(source, unit):
                        yield source, unit
                    row += rows
            except DeidError as error:
                source.problem = str(error)
            # the file is closed once the table is joined
            yield source, None

    def _unit(self, source: Source, data: bytes, format: Format, first: int = 0) -> Unit:
        patient = PurePosixPath(source.name).parent.as_posix()
        fixed = self._outputs.single.name if self._outputs.single else ""
        heading = tuple(source.table.heading) if source.table else ()
        return Unit(source.name, data, format, first, "" if patient == "." else patient, fixed, heading)

    def _part_key(self, unit: Unit) -> str:
        digest = hashlib.sha256(unit.data).hexdigest()
        return key_of(self._outputs.secret, f"{unit.name}#{unit.first}", digest)

    def _part(self, source: Source, first: int) -> Path:
        return self._outputs.parts(source.key) / f"{first:012d}"

    def _is_finished(self, source: Source) -> bool:
        entry = self._journal.find(source.key, self._outputs.root)
        if entry is None:
            return False
        self.summary.add(entry.documents, entry.redacted, entry.unknown)
        self.summary.renamed += entry.names_somebody
        self._finished[source.key] = entry.output or ""
        source.named_folders = entry.named_folders
        self._named_folders.add(source.named_folder)
        return True

    def _is_finished_part(self, source: Source, unit: Unit) -> bool:
        entry = self._journal.find(self._part_key(unit), self._outputs.work)
        if entry is not None:
            source.add(
                documents=entry.documents,
                redacted=entry.redacted,
                unknown=entry.unknown,
                names_somebody=entry.names_somebody,
                named_folders=entry.named_folders,
            )
        return entry is not None

    def _write_part(self, source: Source, unit: Unit, outcome: Outcome) -> None:
        data = outcome.data or b""
        path = self._part(source, unit.first)
        with self._outputs.written(path) as staged:
            staged.write_bytes(data)
        self._journal.add(
            Entry(
                self._part_key(unit),
                hashlib.sha256(unit.data).hexdigest(),
                path.relative_to(self._outputs.work).as_posix(),
                hashlib.sha256(data).hexdigest(),
                outcome.documents,
                outcome.redacted,
                outcome.unknown,
                [(f"row {row}", reason) for row, reason in outcome.failed],
                outcome.names_somebody,
                outcome.named_folders,
            )
        )

    def _join(self, source: Source) -> None:
        """Write a table whose rows are all redacted."""
        if source.problem or source.table is None:
            source.documents, source.redacted, source.unknown = 1, Counter(), Counter()
            source.failed, source.is_read = Failures(), False
            source.failed.add([(0, source.problem)])
            self._end(source, None)
        elif source.documents and len(source.failed) == source.documents:
            self._end(source, None)  # a heading without rows is nobody's document
        else:
            self._end(source, partial(_join_parts, source.table, source.parts))
        shutil.rmtree(self._outputs.parts(source.key), ignore_errors=True)

    def _end(self, source: Source, write: Callable[[Path], object] | None) -> None:
        """Write a file, tell the journal, and count it. write: fills the place that it is given; None: it failed."""
        name = self._outputs.name(source.name, source.key, names_somebody=source.names_somebody)
        if write is None:
            self._outputs.remove(name)
        else:
            with self._outputs.written(self._outputs.root / name) as staged:
                write(staged)
        # of what could not be read nobody knows whom its name names
        shown = name if write or source.is_read else self._outputs.neutral(source.name, source.key)
        failed = list(source.failed.told(shown, source.path))
        entry = Entry(
            source.key,
            source.digest,
            name if write else None,
            sha256(self._outputs.root / name) if write else "",
            source.documents,
            dict(source.redacted),
            dict(source.unknown),
            [(each.document, each.reason) for each in failed],
            source.names_somebody,
            source.named_folders,
        )
        self._journal.add(entry)
        self._finished[source.key] = entry.output or ""
        self._named_folders.add(source.named_folder)
        self.summary.add(source.documents, source.redacted, source.unknown)
        self.summary.renamed += source.names_somebody
        self.summary.failed += failed


def _join_parts(table: Table, parts: Sequence[Path], target: Path) -> None:
    with target.open("wb") as file:
        table.join((part.read_bytes() for part in parts), file)


def _writes(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
