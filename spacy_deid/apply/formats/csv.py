"""CSV: a document a row, with its text in one or more columns; every other byte stays as it is.

The delimiter is the one of ``, ; tab |`` with which the header has the columns that are asked for.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from spacy_deid.apply.document import Beside, Document, Leaf
from spacy_deid.apply.formats.protocol import Part, Redactions
from spacy_deid.apply.formats.rows import RowSettings, in_parts
from spacy_deid.corpus.utf8 import BOM
from spacy_deid.errors import DeidError

DELIMITERS = ",;\t|"
_MUST_BE_QUOTED = ('"', "\r", "\n")


@dataclass(frozen=True, slots=True)
class Csv:
    """A file of rows below a header."""

    rows: RowSettings

    def open(self, file: BinaryIO) -> "CsvTable":
        """Read the header; DeidError where it lacks a column."""
        # what is not UTF-8 is told of the row in which it stands
        lines = io.TextIOWrapper(file, "utf8", errors="surrogateescape", newline="")
        try:
            header = next(records(lines, DELIMITERS[0])).raw
        except StopIteration:
            msg = "the file is empty, not even a header"
            raise DeidError(msg) from None
        for delimiter in DELIMITERS:
            # a delimiter within quotes leads to more or fewer fields, never to another end of the record
            fields = next(records(io.StringIO(header, newline=""), delimiter)).fields
            names = [_unquoted(field.removeprefix(BOM)) for field in fields]
            if self.rows.named <= set(names):
                return CsvTable(CsvFormat(self.rows, delimiter, tuple(names)), header, lines)
        missing = sorted(self.rows.named - set(names))
        # the names that are there are not shown: without a header they are a patient's
        raise DeidError(f"there is no column {missing[0]!r}. Remedy: name the columns that hold text by --column")


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The rows of a file, and its header as it is."""

    format: "CsvFormat"
    header: str
    _lines: Iterable[str]

    @property
    def heading(self) -> Sequence[str]:
        """The names of the columns."""
        return self.format.names

    def parts(self) -> Iterator[Part]:
        """Yield whole rows."""
        rows = records(self._lines, self.format.delimiter)
        return in_parts(row.raw.encode("utf8", "surrogateescape") for row in rows)

    def join(self, parts: Iterator[bytes], target: BinaryIO) -> None:
        """Write the header and the rows."""
        target.writelines(chain([self.header.encode("utf8", "surrogateescape")], parts))


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """Reads rows without their header; ``names``: that of the columns."""

    rows: RowSettings
    delimiter: str
    names: tuple[str, ...]

    def open(self, data: bytes) -> "OpenedRows":
        """Return a document a row; blank lines belong to none and stay."""
        lines = io.StringIO(data.decode("utf8", "surrogateescape"), newline="")
        rows = list(records(lines, self.delimiter))
        return OpenedRows(self, rows, [self._document(row) for row in rows if not row.is_blank])

    @property
    def columns(self) -> list[int]:
        """Where the columns are that hold text."""
        return [number for number, name in enumerate(self.names) if name in self.rows.columns]

    def _document(self, row: "Record") -> Document:
        if len(row.fields) != len(self.names):
            return Document((), error=f"{len(row.fields)} fields under a header of {len(self.names)}")
        if not row.raw.isascii() and any("\udc80" <= letter <= "\udcff" for letter in row.raw):
            return Document((), error="not UTF-8. Remedy: save the file as UTF-8")
        cells = [_unquoted(field) for field in row.fields]
        by_name = dict(zip(self.names, cells, strict=True))
        others = [cell for name, cell in zip(self.names, cells, strict=True) if name not in self.rows.columns]
        return Document(
            [Leaf(cells[column]) for column in self.columns],
            id=by_name.get(self.rows.id_column, ""),
            group=by_name.get(self.rows.patient_column, ""),
            beside=[Beside(text) for text in (*self.names, *others)],
        )


@dataclass(frozen=True, slots=True)
class OpenedRows:
    """Rows, and the documents of those that are not blank."""

    format: CsvFormat
    rows: Sequence["Record"]
    documents: Sequence[Document]

    def written(self, redactions: Redactions) -> bytes:
        """Return the rows of the documents that did not fail."""
        left = iter(redactions)
        written: list[str] = []
        for row in self.rows:
            if row.is_blank:
                written.append(row.raw)
            elif (leaves := next(left)) is not None:
                written.append(self._row(row, leaves))
        return "".join(written).encode("utf8")

    def _row(self, row: "Record", leaves: Sequence[str]) -> str:
        fields = list(row.fields)
        for column, leaf in zip(self.format.columns, leaves, strict=True):
            if leaf != _unquoted(fields[column]):
                fields[column] = _quoted(leaf, fields[column], self.format.delimiter)
        return self.format.delimiter.join(fields) + row.end


@dataclass(frozen=True, slots=True)
class Record:
    """A row as it is written: fields with their quotes, and the line end."""

    fields: list[str]
    end: str
    delimiter: str

    @property
    def raw(self) -> str:
        """All characters of the row."""
        return self.delimiter.join(self.fields) + self.end

    @property
    def is_blank(self) -> bool:
        """Whether it is a blank line."""
        return self.fields == [""]


def records(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """Yield the rows of lines that keep their ends; a field that begins with a quote may go over several lines."""
    fields: list[str] = []
    begun: list[str] = []  # the earlier lines of a field whose quote is open
    for line in lines:
        body = line.rstrip("\r\n")
        start = 0
        while True:
            search = start
            if begun or body.startswith('"', start):
                search = _after_quote(line, start + (not begun))
                if search < 0:
                    begun.append(line[start:])
                    break
            stop = body.find(delimiter, search)
            fields.append("".join([*begun, body[start : stop if stop >= 0 else None]]))
            begun = []
            if stop < 0:
                yield Record(fields, line[len(body) :], delimiter)
                fields = []
                break
            start = stop + 1
    if begun:
        yield Record([*fields, "".join(begun)], "", delimiter)


def _after_quote(line: str, start: int) -> int:
    """Return where the closing quote ends that is sought from ``start`` on, or -1; two quotes are a literal one."""
    while (quote := line.find('"', start)) >= 0:
        if not line.startswith('"', quote + 1):
            return quote + 1
        start = quote + 2
    return -1


def _unquoted(field: str) -> str:
    if not field.startswith('"'):
        return field
    close = _after_quote(field, 1)
    inner, rest = (field[1 : close - 1], field[close:]) if close > 0 else (field[1:], "")
    return inner.replace('""', '"') + rest


def _quoted(text: str, as_was: str, delimiter: str) -> str:
    if as_was.startswith('"') or any(mark in text for mark in (*_MUST_BE_QUOTED, delimiter)):
        return '"' + text.replace('"', '""') + '"'
    return text
