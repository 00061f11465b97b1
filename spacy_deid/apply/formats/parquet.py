"""Parquet: a document a row, with its text in one or more columns; other columns, their order and types stay.

What a program noted of the whole table (pandas its index) does not: it may hold values.
"""

import importlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from spacy_deid.apply.document import Beside, Document, Leaf
from spacy_deid.apply.formats.protocol import Part, Redactions
from spacy_deid.apply.formats.rows import RowSettings
from spacy_deid.errors import DeidError

ROWS_OF_A_PART = 100
ROWS_OF_A_GROUP = 10_000


@dataclass(frozen=True, slots=True)
class Parquet:
    """A Parquet file; needs pyarrow."""

    rows: RowSettings

    def open(self, file: BinaryIO) -> "ParquetTable":
        """Read the schema; DeidError for what is no Parquet, or where a column is missing, twice or of no text."""
        parquet = importlib.import_module("pyarrow.parquet")
        try:
            opened = parquet.ParquetFile(file)
        except (ValueError, OSError):  # pyarrow's
            msg = "not a Parquet file, or a damaged one"
            raise DeidError(msg) from None
        _check(list(opened.schema_arrow))
        for column in sorted(self.rows.named):
            if column not in opened.schema_arrow.names:
                raise DeidError(f"there is no column {column!r}. Remedy: name the columns that hold text by --column")
        for column in self.rows.columns:
            type_ = opened.schema_arrow.field(column).type
            if not _is_text(type_):
                raise DeidError(f"the column {column!r} is of type {type_}, not of text")
        return ParquetTable(ParquetFormat(self.rows), opened)


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """An open file."""

    format: "ParquetFormat"
    _file: Any

    @property
    def heading(self) -> Sequence[str]:
        """The names in the schema, and what was noted of columns."""
        return list(_names(self._file.schema_arrow))

    def parts(self) -> Iterator[Part]:
        """Yield rows as Arrow streams."""
        batches = self._file.iter_batches(batch_size=ROWS_OF_A_PART)
        while True:
            try:
                batch = next(batches, None)
                if batch is None:
                    return
                batch.validate(full=True)
                batch.to_pylist()  # a time may be too exact for Python, or too long ago
            except (ValueError, OverflowError, OSError):  # pyarrow's
                msg = "a damaged Parquet file, or one of odd values: its rows cannot all be read"
                raise DeidError(msg) from None
            yield batch.num_rows, _packed(batch.replace_schema_metadata(None))

    def join(self, parts: Iterator[bytes], target: BinaryIO) -> None:
        """Write row groups of ROWS_OF_A_GROUP rows, in the file's schema and compression."""
        arrow, parquet = (importlib.import_module(name) for name in ("pyarrow", "pyarrow.parquet"))
        schema = self._file.schema_arrow.remove_metadata()
        with parquet.ParquetWriter(target, schema, compression=_compression(self._file.metadata)) as writer:
            group: list[Any] = []
            for part in filter(None, parts):  # one that failed as a whole is empty
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
        """Return a document a row."""
        batch = _unpacked(data)
        names = list(_names(batch.schema))
        return OpenedBatch(self.rows, batch, [self._document(row, names) for row in batch.to_pylist()])

    def _document(self, row: dict[str, Any], names: Sequence[str]) -> Document:
        others = [value for name, value in row.items() if name not in self.rows.columns]
        return Document(
            [Leaf(row[column] or "") for column in self.rows.columns],
            id=" ".join(_texts(row.get(self.rows.id_column))),
            group=" ".join(_texts(row.get(self.rows.patient_column))),
            beside=[Beside(text) for text in (*names, *_texts(others))],
        )


@dataclass(frozen=True, slots=True)
class OpenedBatch:
    """Rows of a file."""

    rows: RowSettings
    batch: Any
    documents: Sequence[Document]

    def written(self, redactions: Redactions) -> bytes:
        """Return the rows of the documents that did not fail; a cell without a value has none afterwards."""
        arrow = importlib.import_module("pyarrow")
        left = [number for number, leaves in enumerate(redactions) if leaves is not None]
        batch = self.batch.take(arrow.array(left, arrow.int64()))
        leaves = [leaves for leaves in redactions if leaves is not None]
        columns = []
        for field, column in zip(batch.schema, batch.columns, strict=True):
            if field.name in self.rows.columns:
                place = self.rows.columns.index(field.name)
                gone = column.is_null().to_pylist()
                texts = [None if none else row[place] for none, row in zip(gone, leaves, strict=True)]
                column = arrow.array(texts, _plain(field.type))
            columns.append(_encoded(column, field.type))
        return _packed(arrow.record_batch(columns, schema=batch.schema))


def _encoded(column: Any, type_: Any) -> Any:
    """Return the column in the type; a dictionary holds its own values alone, and none of rows that were left out."""
    return column.cast(_plain(type_)).dictionary_encode().cast(type_) if _is_dictionary(type_) else column


def _check(fields: Sequence[Any], *, within: bool = False) -> None:
    # names are not shown: they may be a patient's
    if len({field.name for field in fields}) < len(fields):
        msg = "two columns have the same name, so only one would be read. Remedy: rename one"
        raise DeidError(msg)
    for field in fields:
        if within and _is_dictionary(field.type):
            msg = "a dictionary within a list or a struct, which is not read. Remedy: store its values plainly"
            raise DeidError(msg)
        _check(_fields(field.type), within=True)


def _names(fields: Iterable[Any]) -> Iterator[str]:
    """Yield what a schema says in words: names, and what was noted of each column."""
    for field in fields:
        yield field.name
        yield from _texts(field.metadata)
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


def _texts(value: object) -> Iterator[str]:
    """Yield what a cell holds, each value within it by itself; bytes as UTF-8."""
    if isinstance(value, Mapping):
        value = list(value.items())
    if isinstance(value, bytes):
        yield value.decode("utf8", "replace")
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
    elif value is not None:
        yield str(value)


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
