"""The dialect of a CSV file: delimiter and quotes.

A quote that is an ordinary character, or is escaped in another way, joins several rows into one, and one patient's text
is read as another's. A file that does not follow RFC 4180 is therefore an error, not a guess.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from spacy_deid.errors import DeidError

Quoting = Literal["auto", "standard", "none"]
QUOTINGS: tuple[Quoting, ...] = get_args(Quoting)

MOST_CHARACTERS = 50_000_000  # of a cell; an unclosed quote would read the whole file into memory
_MUST_BE_QUOTED = ('"', "\r", "\n")
_LINE_END = re.compile(r"\r\n|\r|\n")
_NO_QUOTING = "Remedy: --quoting none if quotes are ordinary characters"
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row as written: fields with their quotes, and the line end; ``is_closed``: whether its last quote is closed."""

    fields: list[str]
    end: str
    delimiter: str
    is_closed: bool = True

    @property
    def raw(self) -> str:
        """All characters of the row."""
        return self.delimiter.join(self.fields) + self.end

    @property
    def is_blank(self) -> bool:
        """Whether it is a blank line."""
        return len(self.fields) == 1 and not self.fields[0].strip()


@dataclass(frozen=True, slots=True)
class Dialect:
    """The quoting "standard" is RFC 4180; "none": a quote is a character; "auto": a doubtful quote is an error."""

    delimiter: str
    quoting: Quoting = "auto"

    def records(self, lines: Iterable[str]) -> Iterator[CsvRow]:
        """Yield the rows of lines with their ends; a field that begins with a quote may have several lines."""
        if self.quoting == "none":
            for line in lines:
                body = line.rstrip("\r\n")
                yield CsvRow(body.split(self.delimiter), line[len(body) :], self.delimiter)
        else:
            yield from _records(lines, self.delimiter)

    def read(self, field: str) -> str:
        """Return the text of a field."""
        if self.quoting == "none" or not field.startswith('"'):
            return field
        close = _after_quote(field, 1)
        return (field[1 : close - 1] if close > 0 else field[1:]).replace('""', '"')

    def written(self, text: str, as_was: str) -> str:
        """Return the field of a text, quoted if necessary or if the field ``as_was`` is quoted."""
        if self.quoting == "none":
            return _LINE_END.sub(" ", text).replace(self.delimiter, " ")
        if as_was.startswith('"') or any(mark in text for mark in (*_MUST_BE_QUOTED, self.delimiter)):
            return '"' + text.replace('"', '""') + '"'
        return text

    def check(self, record: CsvRow, where: str) -> None:
        """Raise DeidError, with the place ``where``, for a row that may be several or whose quotes are ambiguous."""
        if self.quoting == "none" or not any(field.startswith('"') for field in record.fields):
            return
        if not record.is_closed:
            raise DeidError(f"{where}: a quote that opens a cell is never closed. {_NO_QUOTING}, otherwise close it")
        for number, field in enumerate(record.fields, start=1):
            self._check_field(field, f"{where}, column {number}")
        if self.quoting == "auto" and self._may_be_several(record):
            raise DeidError(
                f"{where}: a quoted cell has several lines that look like rows. {_NO_QUOTING}, "
                "--quoting standard if it is one cell"
            )

    def _check_field(self, field: str, where: str) -> None:
        if not field.startswith('"'):
            return
        if self.quoting == "auto" and '\\"' in field:
            raise DeidError(
                f"{where}: a backslash before a quote. If it escapes the quote, save the file with quotes doubled; "
                "if the backslash is an ordinary character, use --quoting standard"
            )
        if _after_quote(field, 1) < len(field):
            raise DeidError(
                f"{where}: the quote that opens the cell is closed before its end. {_NO_QUOTING}, otherwise save the "
                "file with quotes doubled"
            )

    def _may_be_several(self, record: CsvRow) -> bool:
        """Whether each line of a row has as many fields as the row, and unquoted fields of the first line's shapes."""
        lines = [line.split(self.delimiter) for line in _LINE_END.split(self.delimiter.join(record.fields))]
        columns = len(record.fields)
        if len(lines) < 2 or columns < 2 or any(len(line) != columns for line in lines):
            return False
        others = [number for number in range(columns) if not any('"' in line[number] for line in lines)]
        return all(_shape(line[number]) == _shape(lines[0][number]) for line in lines for number in others)


def _shape(field: str) -> str:
    return _DIGITS.sub("0", _LETTERS.sub("a", field.strip()))


def _records(lines: Iterable[str], delimiter: str) -> Iterator[CsvRow]:
    fields: list[str] = []
    begun: list[str] = []  # the earlier lines of a field whose quote is open
    size = 0
    for line in lines:
        body = line.rstrip("\r\n")
        start = 0
        while True:
            search = start
            if begun or body.startswith('"', start):
                search = _after_quote(line, start + (not begun))
                if search < 0:
                    begun.append(line[start:])
                    size += len(line)
                    break
            stop = body.find(delimiter, search)
            fields.append("".join([*begun, body[start : stop if stop >= 0 else None]]))
            begun, size = [], 0
            if stop < 0:
                yield CsvRow(fields, line[len(body) :], delimiter)
                fields = []
                break
            start = stop + 1
        if size > MOST_CHARACTERS:
            break
    if begun:
        yield CsvRow([*fields, "".join(begun)], "", delimiter, is_closed=False)


def _after_quote(line: str, start: int) -> int:
    """Return the end of the closing quote after ``start``, or -1; two quotes are a literal one."""
    while (quote := line.find('"', start)) >= 0:
        if not line.startswith('"', quote + 1):
            return quote + 1
        start = quote + 2
    return -1
