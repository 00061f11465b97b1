"""Parquet: a document a row, with its text in one or more columns; other columns, their order and types stay."""

import importlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from spacy_deid.apply.document import Document, Leaf
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
        """Read the schema; DeidError for what is no Parquet, or where a column is missing or holds no text."""
        parquet = importlib.import_module("pyarrow.parquet")
        try:
            opened = parquet.ParquetFile(file)
        except (ValueError, OSError):  # pyarrow's
            msg = "not a Parquet file, or a damaged one"
            raise DeidError(msg) from None
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

    def parts(self) -> Iterator[Part]:
        """Yield rows as Arrow streams."""
        batches = self._file.iter_batches(batch_size=ROWS_OF_A_PART)
        while True:
            try:
                batch = next(batches, None)
            except (ValueError, OSError):  # pyarrow's
                msg = "a damaged Parquet file: its rows cannot all be read"
                raise DeidError(msg) from None
            if batch is None:
                return
            yield batch.num_rows, _packed(batch)

    def join(self, parts: Iterator[bytes], target: BinaryIO) -> None:
        """Write row groups of ROWS_OF_A_GROUP rows, in the file's schema and compression."""
        arrow, parquet = (importlib.import_module(name) for name in ("pyarrow", "pyarrow.parquet"))
        schema = self._file.schema_arrow
        with parquet.ParquetWriter(target, schema, compression=_compression(self._file.metadata)) as writer:
            group: list[Any] = []
            for part in parts:
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
        others = [name for name in batch.schema.names if name not in self.rows.columns]
        return OpenedBatch(self.rows, batch, [self._document(row, others) for row in batch.to_pylist()])

    def _document(self, row: dict[str, Any], others: Sequence[str]) -> Document:
        return Document(
            [Leaf(row[column] or "") for column in self.rows.columns],
            id=_as_text(row.get(self.rows.id_column)),
            group=_as_text(row.get(self.rows.patient_column)),
            beside=[_as_text(row[name]) for name in others],
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
        for place, column in enumerate(self.rows.columns):
            index = batch.schema.get_field_index(column)
            was = batch.column(index)
            texts = [None if gone else row[place] for gone, row in zip(was.is_null().to_pylist(), leaves, strict=True)]
            batch = batch.set_column(index, batch.schema.field(index), _array(arrow, texts, was.type))
        return _packed(batch)


def _array(arrow: Any, texts: list[str | None], type_: Any) -> Any:
    if not arrow.types.is_dictionary(type_):
        return arrow.array(texts, type_)
    return arrow.array(texts, type_.value_type).dictionary_encode().cast(type_)


def _is_text(type_: Any) -> bool:
    types = importlib.import_module("pyarrow").types
    if types.is_dictionary(type_):
        type_ = type_.value_type
    return bool(types.is_string(type_) or types.is_large_string(type_))


def _as_text(value: object) -> str:
    return "" if value is None else str(value)


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
