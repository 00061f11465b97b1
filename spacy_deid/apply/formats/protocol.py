"""The protocols of formats: bytes -> documents -> bytes."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

from spacy_deid.apply.document import Beside, Document

Redactions = Sequence[Sequence[str] | None]  # the new leaves of each document, None for one that is left out
Part = tuple[int, bytes]  # the number of rows, blank ones included, and their bytes


class Opened(Protocol):
    """The documents that some bytes hold."""

    @property
    def documents(self) -> Sequence[Document]:
        """The documents in their order."""

    def written(self, redactions: Redactions) -> bytes:
        """Return the bytes with new leaves and everything else unchanged."""


class Format(Protocol):
    """Reads and writes the bytes of one unit of work: a file, or some rows of one. It is sent to other processes."""

    def open(self, data: bytes) -> Opened:
        """Return the documents; DeidError, which shows no text, for bytes that are not of this format."""


class Table(Protocol):
    """An open file of rows, each a document, that is read, redacted and written in parts of bounded size."""

    @property
    def format(self) -> Format:
        """The format of the parts."""

    @property
    def heading(self) -> Sequence[Beside]:
        """The text that is written once for all rows: the names of columns, with their places."""

    def parts(self) -> Iterator[Part]:
        """Yield the rows, some at a time."""

    def join(self, parts: Iterator[bytes], target: BinaryIO) -> None:
        """Write a whole file of the redacted parts."""


class TableFormat(Protocol):
    """Opens files of rows."""

    def open(self, file: BinaryIO) -> Table:
        """Return the table; DeidError for other data, or if a column is missing."""
