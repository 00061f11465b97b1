"""Parquet: one document a row, with its text in one or more columns; other columns, their order and types are kept.

Metadata of the whole table (such as the index of pandas) are removed, since they may hold values.
"""

import importlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from spacy_deid.apply.document import Beside, Document
from spacy_deid.apply.formats.protocol import Part, Redactions
from spacy_deid.apply.formats.rows import Cell, RowSettings, label_at
from spacy_deid.errors import DeidError

ROWS_OF_A_PART = 100
ROWS_OF_A_GROUP = 10_000


@dataclass(frozen=True, slots=True)
class Parquet:
    """A Parquet file; needs pyarrow."""

    rows: RowSettings

    def open(self, file: BinaryIO) -> "ParquetTable":
        """Read the schema; DeidError for other data, and for a column that is missing, ambiguous or not text."""
        parquet = importlib.import_module("pyarrow.parquet")
        try:
            opened = parquet.ParquetFile(file)
        except (ValueError, OSError):  # pyarrow's
            msg = "not a Parquet file, or a damaged one"
            raise DeidError(msg) from None
        _check(list(opened.schema_arrow))
        there = dict(_columns(opened.schema_arrow))
        self.rows.check_columns(there.keys(), f"the table has {len(opened.schema_arrow)} columns")
        for column, type_ in ((column, there[column]) for column in self.rows.columns):
            if not _is_text(type_):
                raise DeidError(f"the column {column!r} is of type {type_}, not of text")
        return ParquetTable(ParquetFormat(self.rows), opened)


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """An open file."""

    format: "ParquetFormat"
    _file: Any

    @property
    def heading(self) -> Sequence[Beside]:
        """The names in the schema, and the metadata of columns."""
        return _heading(self._file.schema_arrow)

    def parts(self) -> Iterator[Part]:
        """Yield rows as Arrow streams."""
        batches = self._file.iter_batches(batch_size=ROWS_OF_A_PART)
        while True:
            try:
                batch = next(batches, None)
                if batch is None:
                    return
                batch.validate(full=True)
                batch.to_pylist()  # a time may be too precise or too early for Python
            except (ValueError, OverflowError, OSError):  # pyarrow's
                msg = "a damaged Parquet file, or one with odd values: not all of its rows can be read"
                raise DeidError(msg) from None
            yield batch.num_rows, _packed(batch.replace_schema_metadata(None))

    def join(self, parts: Iterator[bytes], target: BinaryIO) -> None:
        """Write row groups of ROWS_OF_A_GROUP rows, in the file's schema and compression."""
        arrow, parquet = (importlib.import_module(name) for name in ("pyarrow", "pyarrow.parquet"))
        schema = self._file.schema_arrow.remove_metadata()
        with parquet.ParquetWriter(target, schema, compression=_compression(self._file.metadata)) as writer:
            group: list[Any] = []
            for part in filter(None, parts):  # a part whose rows all failed is empty
                group.append(_unpacked(part))
                if sum(batch.num_rows for batch in group) >= ROWS_OF_A_GROUP:
                    writer.write_table(arrow.Table.from_batches(group, schema))
                    group = []
            writer.write_table(arrow.Table.from_batches(group, schema))


@dataclass(frozen=True, slots=True)
class ParquetFormat:
    """Reads Arrow streams of one batch of rows."""

    rows: RowSettings

    def open(self, data: bytes) -> "OpenedBatch":
        """Return one document a row."""
        batch = _unpacked(data)
        names, places = _heading(batch.schema), _places(batch.schema)
        documents = [
            replace(self._document(row, names, places), row=number) for number, row in enumerate(batch.to_pylist())
        ]
        return OpenedBatch(self.rows, batch, documents)

    def _document(self, row: dict[str, Any], names: Sequence[Beside], places: Sequence[str]) -> Document:
        labels = self.rows.labels
        cells = [
            (_text(value), label, place + self.rows.shown(name))
            for (name, whole), place in zip(row.items(), places, strict=True)
            for value, label in _cells(whole, (name,), labels)
        ]
        return Document(
            [Cell.of(text, label).leaf for text, label, _ in cells if label is not None],
            id=_at(row, self.rows.id_column),
            group=_at(row, self.rows.patient_column),
            beside=[*names, *(Beside(text, place) for text, label, place in cells if label is None)],
        )


@dataclass(frozen=True, slots=True)
class OpenedBatch:
    """Rows of a file."""

    rows: RowSettings
    batch: Any
    documents: Sequence[Document]

    def written(self, redactions: Redactions) -> bytes:
        """Return the rows of the documents that did not fail.

        A null stays null. A cell whose type cannot hold its new text becomes null, such as a date for "[DATE]";
        DeidError if the column is not nullable.
        """
        arrow = importlib.import_module("pyarrow")
        left = [number for number, leaves in enumerate(redactions) if leaves is not None]
        batch = self.batch.take(arrow.array(left, arrow.int64()))
        leaves = [iter(leaves) for leaves in redactions if leaves is not None]
        labels = self.rows.labels
        columns = []
        for field, column in zip(batch.schema, batch.columns, strict=True):
            if any(name == field.name or name.startswith(f"{field.name}.") for name in labels):
                values = zip(column.to_pylist(), leaves, strict=True)
                new = [_replaced(value, (field.name,), field, labels, texts) for value, texts in values]
                column = arrow.array(new, _plain(field.type))
            columns.append(_encoded(column, field.type))
        return _packed(arrow.record_batch(columns, schema=batch.schema))


def _cells(value: Any, path: tuple[str, ...], labels: Mapping[str, str]) -> Iterator[tuple[Any, str | None]]:
    """Yield the single values of a cell, with the labels of their columns."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _cells(each, (*path, name), labels)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _cells(each, path, labels)
    elif value is not None:
        yield value, label_at(path, labels)


def _replaced(value: Any, path: tuple[str, ...], field: Any, labels: Mapping[str, str], texts: Iterator[str]) -> Any:
    """Return a cell with the next of ``texts`` for each value that `_cells` labels."""
    fields = _fields(_plain(field.type))
    if isinstance(value, Mapping):
        within = zip(value.items(), fields, strict=True)
        return {name: _replaced(each, (*path, name), inner, labels, texts) for (name, each), inner in within}
    if isinstance(value, tuple):  # an entry of a map
        return tuple(_replaced(each, path, inner, labels, texts) for each, inner in zip(value, fields, strict=True))
    if isinstance(value, list):
        return [_replaced(each, path, fields[0], labels, texts) for each in value]
    label = label_at(path, labels)
    if value is None or label is None:
        return value
    cell, text = Cell.of(_text(value), label), next(texts)
    return value if text == cell.leaf.text else _typed(cell.written(text), field)


def _typed(text: str, field: Any) -> Any:
    arrow = importlib.import_module("pyarrow")
    try:
        return arrow.array([text]).cast(_plain(field.type))[0].as_py()
    except (ValueError, NotImplementedError):  # pyarrow's
        if not field.nullable:
            msg = f"a column of type {field.type} can hold neither the replacement of an identifier nor null"
            raise DeidError(msg) from None
        return None


def _at(row: dict[str, Any], column: str) -> str:
    """Return the text of a column, also of a nested one."""
    labels = {column: ""}
    found = (each for name, value in row.items() for each in _cells(value, (name,), labels))
    return " ".join(_text(value) for value, label in found if label is not None)


def _columns(fields: Iterable[Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every column and struct field: its dotted name and its type."""
    for field in fields:
        yield ".".join([*path, field.name]), field.type
        inner = field.type
        while _is_list(inner):
            inner = inner.value_type
        if importlib.import_module("pyarrow").types.is_struct(inner):
            yield from _columns(_fields(inner), (*path, field.name))


def _encoded(column: Any, type_: Any) -> Any:
    """Return the column in the type; its dictionary holds no values of rows that were left out."""
    return column.cast(_plain(type_)).dictionary_encode().cast(type_) if _is_dictionary(type_) else column


def _check(fields: Sequence[Any], *, within: bool = False) -> None:
    # names are not shown: they may be those of a patient
    if len({field.name for field in fields}) < len(fields):
        msg = "two columns have the same name, so only one would be read. Remedy: rename one"
        raise DeidError(msg)
    for field in fields:
        if within and _is_dictionary(field.type):
            msg = "a dictionary within a list or a struct, which is not read. Remedy: store its values plainly"
            raise DeidError(msg)
        _check(_fields(field.type), within=True)


def _places(schema: Any) -> list[str]:
    """Return the name of each column in messages."""
    return [f"column {number} (of {len(schema)})" for number in range(1, len(schema) + 1)]


def _heading(schema: Any) -> list[Beside]:
    return [
        Beside(text, f"the name of {place}, or the metadata of it")
        for field, place in zip(schema, _places(schema), strict=True)
        for text in _names([field])
    ]


def _names(fields: Iterable[Any]) -> Iterator[str]:
    """Yield the names and the metadata of all columns and fields."""
    for field in fields:
        yield field.name
        for noted in (field.metadata or {}).items():
            yield from map(_text, noted)
        yield from _names(_fields(field.type))


def _fields(type_: Any) -> list[Any]:
    return [type_.field(number) for number in range(type_.num_fields)]


def _plain(type_: Any) -> Any:
    return type_.value_type if _is_dictionary(type_) else type_


def _is_dictionary(type_: Any) -> bool:
    return bool(importlib.import_module("pyarrow").types.is_dictionary(type_))


def _is_text(type_: Any) -> bool:
    types = importlib.import_module("pyarrow").types
    return bool(types.is_string(_plain(type_)) or types.is_large_string(_plain(type_)))


def _is_list(type_: Any) -> bool:
    types = importlib.import_module("pyarrow").types
    return bool(types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_))


def _text(value: Any) -> str:
    return value.decode("utf8", "replace") if isinstance(value, bytes) else str(value)


def _compression(metadata: Any) -> str:
    if not metadata.num_row_groups or not metadata.num_columns:
        return "snappy"
    name = metadata.row_group(0).column(0).compression
    return "none" if name == "UNCOMPRESSED" else name.lower()


def _packed(batch: Any) -> bytes:
    stream = io.BytesIO()
    with importlib.import_module("pyarrow").ipc.new_stream(stream, batch.schema) as writer:
        writer.write_batch(batch)
    return stream.getvalue()


def _unpacked(data: bytes) -> Any:
    with importlib.import_module("pyarrow").ipc.open_stream(data) as reader:
        return reader.read_next_batch()
