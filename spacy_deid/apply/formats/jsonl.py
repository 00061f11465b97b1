"""JSONL: a document a line, with its text in one or more fields; every other byte stays as it is."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from spacy_deid.apply.document import Beside, Document, Leaf
from spacy_deid.apply.formats.json_strings import Value, keys, quoted, values
from spacy_deid.apply.formats.protocol import Part, Redactions
from spacy_deid.apply.formats.rows import RowSettings, in_parts
from spacy_deid.apply.formats.text import decoded
from spacy_deid.corpus.utf8 import BOM
from spacy_deid.errors import DeidError

_HALF = re.compile("[\ud800-\udfff]")  # of a pair of UTF-16, alone


@dataclass(frozen=True, slots=True)
class Jsonl:
    """A file of JSON objects, one a line."""

    rows: RowSettings

    def open(self, file: BinaryIO) -> "JsonlTable":
        """Return the lines; that one has no text shows when it is read."""
        return JsonlTable(JsonlFormat(self.rows), file)


@dataclass(frozen=True, slots=True)
class JsonlTable:
    """The lines of a file."""

    format: "JsonlFormat"
    _file: BinaryIO

    @property
    def heading(self) -> Sequence[str]:
        """Nothing: each line has its own keys."""
        return ()

    def parts(self) -> Iterator[Part]:
        """Yield whole lines."""
        return in_parts(self._file)

    def join(self, parts: Iterator[bytes], target: BinaryIO) -> None:
        """Write the lines."""
        target.writelines(parts)


@dataclass(frozen=True, slots=True)
class JsonlFormat:
    """Reads lines."""

    rows: RowSettings

    def open(self, data: bytes) -> "OpenedLines":
        """Return a document a line; blank lines and a byte order mark belong to no document and stay."""
        lines = [_line(line, self.rows) for line in BytesIO(data)]
        return OpenedLines(lines, [line.document for line in lines if line.document])


@dataclass(frozen=True, slots=True)
class _Line:
    """text: the line. columns: the values in it that are redacted. document: None for a blank line."""

    text: str
    columns: Sequence[Value] = ()
    document: Document | None = None

    def written(self, leaves: Sequence[str]) -> str:
        pieces: list[str] = []
        read = 0
        for column, leaf in zip(self.columns, leaves, strict=True):
            if leaf != column.text:
                pieces += self.text[read : column.start], quoted(leaf, self.text[column.start : column.end])
                read = column.end
        return "".join([*pieces, self.text[read:]])


@dataclass(frozen=True, slots=True)
class OpenedLines:
    """Lines, and the documents of those that are not blank."""

    lines: Sequence[_Line]
    documents: Sequence[Document]

    def written(self, redactions: Redactions) -> bytes:
        """Return the lines of the documents that did not fail."""
        left = iter(redactions)
        written: list[str] = []
        for line in self.lines:
            if line.document is None:
                written.append(line.text)
            elif (leaves := next(left)) is not None:
                written.append(line.written(leaves))
        return "".join(written).encode("utf8")


def _line(raw: bytes, rows: RowSettings) -> _Line:
    try:
        text = decoded(raw)
        if not text.removeprefix(BOM).strip():
            return _Line(text)
        record = json.loads(text.removeprefix(BOM))
        _check(record, rows)
    except DeidError as error:
        return _Line("", document=Document((), error=str(error)))
    except (ValueError, RecursionError):  # their message would show the line
        return _Line("", document=Document((), error="not a line of JSON"))
    found = list(values(text))
    columns = [each for each in found if _is_column(each, rows)]
    document = Document(
        [Leaf(each.text) for each in columns],
        id=str(record.get(rows.id_column, "")),
        group=str(record.get(rows.patient_column, "")),
        beside=[
            *map(Beside, keys(text.removeprefix(BOM))),
            *(Beside(each.text) for each in found if not _is_column(each, rows)),
        ],
    )
    return _Line(text, columns, document)


def _check(record: Any, rows: RowSettings) -> None:
    if not isinstance(record, dict):
        msg = "not a JSON object"
        raise DeidError(msg)
    missing = sorted(rows.named - record.keys())
    if missing:
        raise DeidError(f"no field {missing[0]!r}")
    for column in rows.columns:
        if not isinstance(record[column], str | None):
            raise DeidError(f"the field {column!r} holds no text")
    for column in sorted(rows.named):
        if _HALF.search(str(record[column])):
            raise DeidError(f"the field {column!r} holds half a character, such as \\ud800. Remedy: take it out")


def _is_column(value: Value, rows: RowSettings) -> bool:
    return len(value.path) == 1 and value.path[0] in rows.columns
