"""CSV: one document a row, with its text in one or more columns; every other byte is unchanged.

The delimiter is that of ``, ; tab |`` with which the header has the requested columns, or that of a first line
``sep=;``, as Excel writes it.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import BinaryIO

from spacy_deid.apply.document import Beside, Document
from spacy_deid.apply.formats.csv_dialect import CsvRow, Dialect
from spacy_deid.apply.formats.protocol import Part, Redactions
from spacy_deid.apply.formats.rows import Cell, RowSettings, in_parts
from spacy_deid.apply.formats.text import ENCODING_REMEDY, decoded
from spacy_deid.errors import DeidError
from spacy_deid.files import BOM

DELIMITERS = ",;\t|"
_SEPARATOR = re.compile(r'("?)sep=([^\w"\r\n])\1(?:\r\n|\r|\n)', re.IGNORECASE)
_NOT_UTF8 = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Csv:
    """A file of rows below a header."""

    rows: RowSettings

    def open(self, file: BinaryIO) -> "CsvTable":
        """Read the header; DeidError if a column is missing, it is not UTF-8 or a quote is not closed."""
        # bytes that are not UTF-8 are reported for their row
        lines: Iterator[str] = iter(io.TextIOWrapper(file, "utf8", errors="surrogateescape", newline=""))
        first = next(lines, "")
        mark = BOM if first.startswith(BOM) else ""
        separator = _SEPARATOR.fullmatch(first.removeprefix(BOM))
        if separator:
            mark, first = first, next(lines, "")
        if not first:
            msg = "the file is empty, not even a header"
            raise DeidError(msg)
        lines = chain([first.removeprefix(mark)], lines)
        dialect = Dialect(separator[2] if separator else DELIMITERS[0], self.rows.quoting)
        header = next(dialect.records(lines)).raw
        decoded(_bytes(mark + header), ENCODING_REMEDY)
        dialect, names = self._columns(header, separator[2] if separator else DELIMITERS)
        return CsvTable(CsvFormat(self.rows, dialect, names), mark + header, lines)

    def _columns(self, header: str, delimiters: str) -> tuple[Dialect, tuple[str, ...]]:
        """Return the dialect of the file and the names of the columns."""
        found: list[tuple[Dialect, tuple[str, ...]]] = []
        for dialect in (Dialect(delimiter, self.rows.quoting) for delimiter in delimiters):
            # a delimiter within quotes changes the number of fields, never the end of the row
            record = next(dialect.records(io.StringIO(header, newline="")))
            found.append((dialect, tuple(map(dialect.read, record.fields))))
            if self.rows.options.keys() <= set(found[-1][1]):
                dialect.check(record, "the header")
                self._check_once(found[-1][1])
                return found[-1]
        dialect, names = max(found, key=lambda each: len(each[1]))
        separator = {"\t": "tabs", "|": "|"}.get(dialect.delimiter, repr(dialect.delimiter))
        self.rows.check_columns(set(names), f"the header has {len(names)} columns, separated by {separator}")
        raise AssertionError  # a column is missing

    def _check_once(self, names: Sequence[str]) -> None:
        for column in (self.rows.id_column, self.rows.patient_column):
            if column and names.count(column) > 1:
                raise DeidError(f"the column {column!r} occurs {names.count(column)} times. Remedy: rename one")


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The rows of a file, and its unchanged header."""

    format: "CsvFormat"
    header: str
    _lines: Iterable[str]

    @property
    def heading(self) -> Sequence[Beside]:
        """The names of the columns."""
        return self.format.heading

    def parts(self) -> Iterator[Part]:
        """Yield whole rows; DeidError for quotes that make the end of a row ambiguous."""
        return in_parts(map(_bytes, self._checked()))

    def join(self, parts: Iterator[bytes], target: BinaryIO) -> None:
        """Write the header and the rows."""
        target.writelines(chain([_bytes(self.header)], parts))

    def _checked(self) -> Iterator[str]:
        dialect = self.format.dialect
        for number, row in enumerate(dialect.records(self._lines), start=1):
            dialect.check(row, f"row {number}")
            yield row.raw


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """Reads rows without their header; ``names`` are those of the columns."""

    rows: RowSettings
    dialect: Dialect
    names: tuple[str, ...]

    def open(self, data: bytes) -> "OpenedRows":
        """Return one document a row; blank lines belong to no document and are kept."""
        lines = io.StringIO(data.decode("utf8", "surrogateescape"), newline="")
        rows = list(self.dialect.records(lines))
        labels, places, heading = self.rows.labels, self._places(), self.heading
        documents = [
            replace(self._document(row, labels, places, heading), row=number)
            for number, row in enumerate(rows)
            if not row.is_blank
        ]
        return OpenedRows(self, rows, documents)

    @property
    def columns(self) -> list[tuple[int, str]]:
        """The indices and labels of the redacted columns."""
        labels = self.rows.labels
        return [(number, labels[name]) for number, name in enumerate(self.names) if name in labels]

    @property
    def heading(self) -> Sequence[Beside]:
        """The names of the columns."""
        return [Beside(name, f"the name of {place}") for name, place in zip(self.names, self._places(), strict=True)]

    def _places(self) -> list[str]:
        """Return the name of each column in messages."""
        columns = enumerate(self.names, start=1)
        return [f"column {number} (of {len(self.names)}){self.rows.shown(name)}" for number, name in columns]

    def _document(
        self, row: CsvRow, labels: Mapping[str, str], places: Sequence[str], heading: Sequence[Beside]
    ) -> Document:
        if len(row.fields) != len(self.names):
            return Document((), error=f"{len(row.fields)} fields under a header of {len(self.names)}")
        if not row.raw.isascii() and _NOT_UTF8.search(row.raw):
            return Document((), error=f"not UTF-8. {ENCODING_REMEDY}")
        if "\0" in row.raw:
            return Document((), error="it holds a NUL byte, like UTF-16 and damaged files")
        cells = [self.dialect.read(field) for field in row.fields]
        by_name = dict(zip(self.names, cells, strict=True))
        named = list(zip(self.names, cells, places, strict=True))
        return Document(
            [Cell.of(cell, labels[name]).leaf for name, cell, _ in named if name in labels],
            id=by_name.get(self.rows.id_column, ""),
            group=by_name.get(self.rows.patient_column, ""),
            beside=[
                *heading,
                *(Beside(cell, place) for name, cell, place in named if name not in labels),
            ],
        )


@dataclass(frozen=True, slots=True)
class OpenedRows:
    """Rows, and the documents of those that are not blank."""

    format: CsvFormat
    rows: Sequence[CsvRow]
    documents: Sequence[Document]

    def written(self, redactions: Redactions) -> bytes:
        """Return the rows of the documents that did not fail."""
        left, columns = iter(redactions), self.format.columns
        written: list[str] = []
        for row in self.rows:
            if row.is_blank:
                written.append(row.raw)
            elif (leaves := next(left)) is not None:
                written.append(self._row(row, leaves, columns))
        return "".join(written).encode("utf8")

    def _row(self, row: CsvRow, leaves: Sequence[str], columns: Sequence[tuple[int, str]]) -> str:
        fields, dialect = list(row.fields), self.format.dialect
        for (column, label), leaf in zip(columns, leaves, strict=True):
            cell = Cell.of(dialect.read(fields[column]), label)
            if leaf != cell.leaf.text:
                fields[column] = dialect.written(cell.written(leaf), fields[column])
        return dialect.delimiter.join(fields) + row.end


def _bytes(text: str) -> bytes:
    return text.encode("utf8", "surrogateescape")
