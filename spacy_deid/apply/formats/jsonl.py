"""JSONL: one document a line, with its text in one or more fields; every other byte is unchanged."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import chain
from typing import Any, BinaryIO

from spacy_deid.apply.document import Beside, Document
from spacy_deid.apply.formats.json_strings import JsonValue, quoted, values
from spacy_deid.apply.formats.protocol import Part, Redactions
from spacy_deid.apply.formats.rows import Cell, RowSettings, in_parts, label_at
from spacy_deid.apply.formats.text import ENCODING_REMEDY, decoded
from spacy_deid.errors import DeidError
from spacy_deid.files import BOM

_HALF = re.compile("[\ud800-\udfff]")  # of a pair of UTF-16, alone
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Jsonl:
    """A file of JSON objects, one a line."""

    rows: RowSettings

    def open(self, file: BinaryIO) -> "JsonlTable":
        """Return the lines; DeidError if the first is not UTF-8. A missing field is reported for its line."""
        first = file.readline()
        decoded(first, ENCODING_REMEDY)
        return JsonlTable(JsonlFormat(self.rows), chain([first] if first else [], file))


@dataclass(frozen=True, slots=True)
class JsonlTable:
    """The lines of a file."""

    format: "JsonlFormat"
    _lines: Iterator[bytes]

    @property
    def heading(self) -> Sequence[Beside]:
        """Nothing: each line has its own keys."""
        return ()

    def parts(self) -> Iterator[Part]:
        """Yield whole lines."""
        return in_parts(self._lines)

    def join(self, parts: Iterator[bytes], target: BinaryIO) -> None:
        """Write the lines."""
        target.writelines(parts)


@dataclass(frozen=True, slots=True)
class JsonlFormat:
    """Reads lines."""

    rows: RowSettings

    def open(self, data: bytes) -> "OpenedLines":
        """Return one document a line; blank lines and a byte order mark belong to no document and are kept."""
        lines = [_line(line, self.rows) for line in BytesIO(data)]
        documents = [replace(line.document, row=number) for number, line in enumerate(lines) if line.document]
        return OpenedLines(lines, documents)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line, its redacted cells with their values, and its document, None for a blank line."""

    text: str
    cells: Sequence[tuple[JsonValue, Cell]] = ()
    document: Document | None = None

    def written(self, leaves: Sequence[str]) -> str:
        pieces: list[str] = []
        read = 0
        for (value, cell), leaf in zip(self.cells, leaves, strict=True):
            if leaf != cell.leaf.text:
                new = _written(cell.written(leaf), self.text[value.start : value.end])
                pieces += self.text[read : value.start], new
                read = value.end
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
        text = raw.decode("utf8")
        if not text.removeprefix(BOM).strip():
            return _Line(text)
        record = json.loads(text.removeprefix(BOM))
        _check(record, rows)
        # NaN is not JSON, but Python's own writer makes it; it has no text
        members = json.loads(text.removeprefix(BOM), object_pairs_hook=_Members, parse_constant=lambda _: None)
        return _read(text, record, members, rows)
    except DeidError as error:
        return _Line("", document=Document((), error=str(error)))
    except UnicodeDecodeError:
        return _Line("", document=Document((), error=f"not UTF-8. {ENCODING_REMEDY}"))
    except (ValueError, RecursionError):  # their message may show the line
        return _Line("", document=Document((), error="not a line of JSON"))


class _Members(list[tuple[str, Any]]):
    """The members of an object, including those of equal keys."""


def _read(text: str, record: dict[str, Any], members: _Members, rows: RowSettings) -> _Line:
    found = list(values(text))
    labels = rows.labels
    placed = [(each, label_at(each.path, labels), place) for each, place in zip(found, _places(members), strict=True)]
    cells = [(each, Cell.of(each.text, label)) for each, label, _ in placed if label is not None]
    document = Document(
        [cell.leaf for _, cell in cells],
        id=str(_at(record, rows.id_column)),
        group=str(_at(record, rows.patient_column)),
        beside=[
            *(Beside(name, f"the name of {_shown(place)}") for name, place in _names(members)),
            *(
                Beside(each.text, _shown(place) + rows.shown(".".join(each.path)))
                for each, label, place in placed
                if label is None
            ),
        ],
    )
    return _Line(text, cells, document)


def _check(record: Any, rows: RowSettings) -> None:
    if not isinstance(record, dict):
        msg = "not a JSON object"
        raise DeidError(msg)
    for column, option in rows.options.items():
        values_there = [record[column]] if column in record else _values_at(record, column)
        if values_there is None:
            raise DeidError(f"no field {column!r} ({option}). Remedy: name the fields as the lines do")
        for value in values_there:
            if column in rows.columns and not isinstance(value, str | None):
                raise DeidError(f"the field {column!r} holds no text")
            if _HALF.search(str(value)):
                raise DeidError(f"the field {column!r} holds half a character, such as \\ud800. Remedy: remove it")


def _values_at(value: Any, column: str) -> list[Any] | None:
    """Return the values at a dotted path, in every entry of lists; None if an object lacks a key of it."""
    if isinstance(value, list):
        found = [_values_at(entry, column) for entry in value]
        return None if None in found else [each for entry in found for each in entry or ()]
    if not column or value is None:
        return [value]
    if isinstance(value, dict):
        for key, rest in _splits(column):
            if key in value:
                return _values_at(value[key], rest)
    return None


def _splits(column: str) -> Iterator[tuple[str, str]]:
    words = column.split(".")
    return ((".".join(words[:end]), ".".join(words[end:])) for end in range(1, len(words) + 1))


def _at(record: dict[str, Any], column: str) -> Any:
    """Return the value at a dotted path, "" for an empty path."""
    found = _values_at(record, column) or [] if column else [""]
    return found[0] if len(found) == 1 else " ".join(map(str, found))


def _names(value: Any, place: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the keys with their places, see `_shown`."""
    for number, entry in enumerate(value if isinstance(value, list) else (), start=1):
        if isinstance(value, _Members):
            yield entry[0], (*place, number)
        yield from _names(entry[1] if isinstance(value, _Members) else entry, (*place, number))


def _places(value: Any, place: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Yield the places of strings and numbers in their order."""
    if isinstance(value, list):
        for number, entry in enumerate(value, start=1):
            yield from _places(entry[1] if isinstance(value, _Members) else entry, (*place, number))
    elif value is not None and not isinstance(value, bool):
        yield place


def _shown(place: tuple[int, ...]) -> str:
    return f"field {'.'.join(map(str, place))} (counted from 1 at each level)"


def _written(leaf: str, as_was: str) -> str:
    """Return the new value as JSON; a number stays a number if possible."""
    return leaf if not as_was.startswith('"') and _NUMBER.fullmatch(leaf) else quoted(leaf, as_was)
