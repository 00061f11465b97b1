"""The inputs of a run, read on demand: the unfinished ones, in batches."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from spacy_deid.apply.formats.protocol import Format, Table
from spacy_deid.apply.formats.registry import FILES, TABLES, check_installed, file_format, not_read, table_format
from spacy_deid.apply.formats.rows import RowSettings
from spacy_deid.apply.ledger import Ledger
from spacy_deid.apply.outputs import Outputs
from spacy_deid.apply.summary import Failures, FileCounts
from spacy_deid.apply.unit import Unit
from spacy_deid.errors import DeidError
from spacy_deid.files import sha256

# the vocabulary is emptied after each batch, and in larger batches more words recur
_MOST_UNITS = 128
_MOST_BYTES = 250_000


@dataclass(slots=True)
class InputFile:
    """An input file in work.

    Attributes:
        name: Its path below IN.
        digest: The SHA-256 of its bytes.
        key: Its key in the journal.
        problem: The reason why it cannot be read to its end. "" if it can.
        table: Its rows, if it is a table.
        parts: The files of its redacted parts, in order.
        counts: The counts of its units so far.
        failed: Its failed rows, or the file itself, by reason.
        is_read: False if it is unknown whether its name holds a redacted value.
    """

    name: str
    digest: str
    key: str
    problem: str = ""
    table: Table | None = None
    parts: list[Path] = field(default_factory=list)
    counts: FileCounts = field(default_factory=FileCounts)
    failed: Failures = field(default_factory=Failures)
    is_read: bool = True

    @property
    def path(self) -> str:
        """Its name, or "" if it holds a redacted value."""
        return "" if self.counts.names_somebody else self.name


@dataclass(slots=True)
class Batch:
    """Units that go to a process together, the file of each, and the files that end with this batch."""

    units: list[Unit] = field(default_factory=list)
    of: list[InputFile] = field(default_factory=list)
    ended: list[InputFile] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether it is large enough to be processed."""
        return len(self.units) >= _MOST_UNITS or sum(len(unit.data) for unit in self.units) >= _MOST_BYTES


Step = tuple[InputFile, Unit | None]  # None: the file has no further unit


class Reader:
    """Reads the unfinished files."""

    def __init__(self, folder: Path, names: Sequence[str], rows: RowSettings, outputs: Outputs, ledger: Ledger) -> None:
        """Check that the packages for all formats are installed.

        Args:
            folder: The folder of the files.
            names: The files' paths below it.
            rows: How tables and encoded files are read.
            outputs: The places of outputs and of parts of tables.
            ledger: The files that earlier runs have finished.

        Raises:
            DeidError: A package that one of the files needs is not installed.
        """
        check_installed({_suffix(name) for name in names})
        self._folder = folder
        self._names = names
        self._rows = rows
        self._outputs = outputs
        self._ledger = ledger

    def batches(self) -> Iterator[tuple[Batch, list[Unit]]]:
        """Yield the unfinished batches, each with its units."""
        batch = Batch()
        for name in self._names:
            for source, unit in self._steps(name):
                if unit is None:
                    batch.ended.append(source)
                else:
                    batch.units.append(unit)
                    batch.of.append(source)
                if batch.is_full:
                    yield batch, batch.units
                    batch = Batch()
        yield batch, batch.units

    def _steps(self, name: str) -> Iterator[Step]:
        path, suffix = self._folder / name, _suffix(name)
        try:
            if not path.is_file():
                yield self._source(name, "", "not a file: a pipe, a device, or gone since the run began"), None
            elif suffix in TABLES:
                yield from self._rows_of(path, name)
            elif suffix in FILES:
                yield from self._whole(path, name)
            else:
                yield self._source(name, sha256(path), not_read(suffix)), None
        except OSError as error:
            yield self._source(name, "", error.strerror or type(error).__name__), None

    def _source(self, name: str, digest: str, problem: str = "") -> InputFile:
        return InputFile(name, digest, self._ledger.key(name, digest), problem)

    def _whole(self, path: Path, name: str) -> Iterator[Step]:
        data = path.read_bytes()
        source = self._source(name, hashlib.sha256(data).hexdigest())
        if not self._ledger.has_finished(source.key, name):
            yield source, self._unit(source, data, file_format(_suffix(name), self._rows))

    def _rows_of(self, path: Path, name: str) -> Iterator[Step]:
        source = self._source(name, sha256(path))
        if self._ledger.has_finished(source.key, name):
            return
        with path.open("rb") as file:
            try:
                source.table = table_format(_suffix(name), self._rows).open(file)
                row = 1
                for rows, data in source.table.parts():
                    unit = self._unit(source, data, source.table.format, row)
                    source.parts.append(self._outputs.part(source.key, row))
                    finished = self._ledger.finished_part(unit)
                    if finished is None:
                        yield source, unit
                    else:
                        source.counts.add(finished)
                    row += rows
            except DeidError as error:
                source.problem = str(error)
            # the file stays open until the table is joined
            yield source, None

    def _unit(self, source: InputFile, data: bytes, format: Format, first: int = 0) -> Unit:
        patient = PurePosixPath(source.name).parent.as_posix()
        fixed = self._outputs.single.name if self._outputs.single else ""
        heading = tuple(source.table.heading) if source.table else ()
        return Unit(source.name, data, format, first, "" if patient == "." else patient, fixed, heading)


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
