"""What a format is to the rest: bytes -> documents -> bytes."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

from spacy_deid.apply.document import Beside, Document

Redactions = Sequence[Sequence[str] | None]  # the new leaves of each document; None: the document is left out
Part = tuple[int, bytes]  # how many rows, blank ones among them, and what they are


class Opened(Protocol):
    """The documents that some bytes hold."""

    @property
    def documents(self) -> Sequence[Document]:
        """The documents in their order."""

    def written(self, redactions: Redactions) -> bytes:
        """Return the bytes with the leaves replaced, and all else as it was."""


class Format(Protocol):
    """Reads and writes the bytes of one unit of work: a file, or some rows of one. It goes to other processes."""

    def open(self, data: bytes) -> Opened:
        """Return the documents; DeidError, which shows no text, for bytes that are not of this format."""


class Table(Protocol):
    """An open file of rows, each a document, that is read, redacted and written in parts of bounded size."""

    @property
    def format(self) -> Format:
        """How the parts are read."""

    @property
    def heading(self) -> Sequence[Beside]:
        """What is written once for all rows: the names of columns, each with its place."""

    def parts(self) -> Iterator[Part]:
        """Yield the rows, some at a time."""

    def join(self, parts: Iterator[bytes], target: BinaryIO) -> None:
        """Write a whole file of the redacted parts."""


class TableFormat(Protocol):
    """Opens files of rows."""

    def open(self, file: BinaryIO) -> Table:
        """Return the table; DeidError where it is none, or where a column is missing."""
