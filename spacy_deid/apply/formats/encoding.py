"""Text files and tables in another encoding: read as UTF-8, and written in their encoding.

A UTF-8 file is read and written as UTF-8: a folder may hold both, and no name is found in wrongly decoded text.
"""

import codecs
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from spacy_deid.apply.document import Beside, Document
from spacy_deid.apply.formats.protocol import Format, Opened, Part, Redactions, Table, TableFormat
from spacy_deid.errors import DeidError
from spacy_deid.files import not_utf8
from spacy_deid.text import without_diacritics

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_CHUNK = 1 << 16
_PLAIN = "Aa19 ,;\t\n"
_UTF8 = ("utf-8", "utf-8-sig", "ascii")
_WIDE = {"utf-16": codecs.BOM_UTF16_BE, "utf-32": codecs.BOM_UTF32_BE}  # whose byte order is detected
_NEAREST = "deid_nearest"
_NO_UTF8_BEGINS = bytes(range(0x80, 0xC0))


def known_encoding(name: str) -> str:
    """Return Python's name of an encoding, "" for UTF-8 and ASCII; DeidError for an unknown one."""
    try:
        found = codecs.lookup(name).name
        is_text = _PLAIN.encode(found).decode(found) == _PLAIN
    except (LookupError, ValueError, TypeError):
        is_text = False
    if not is_text:
        raise DeidError(f"There is no text encoding {name!r}. Remedy: cp1252, utf-16 or another one of Python's.")
    return "" if found in _UTF8 else found


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """A file that ``format`` reads after its conversion to UTF-8."""

    format: Format
    encoding: str

    def open(self, data: bytes) -> Opened:
        """Return the documents; DeidError for bytes that are neither in the encoding nor in UTF-8."""
        if not not_utf8(data):
            return self.format.open(data)
        codec = _codec(self.encoding, data)
        _check(data, self.encoding)
        with _decoding_errors(self.encoding):
            text = data.decode(codec)
        return OpenedFile(self.format.open(text.encode("utf8")), codec)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file and its encoding."""

    opened: Opened
    codec: str

    @property
    def documents(self) -> Sequence[Document]:
        """The documents of the file."""
        return self.opened.documents

    def written(self, redactions: Redactions) -> bytes:
        """Return the file in its encoding; a letter that the encoding lacks loses its diacritics or becomes "?"."""
        return self.opened.written(redactions).decode("utf8").encode(self.codec, _NEAREST)


@dataclass(frozen=True, slots=True)
class EncodedTableFormat:
    """Tables that ``format`` reads after their conversion to UTF-8."""

    format: TableFormat
    encoding: str

    def open(self, file: BinaryIO) -> Table:
        """Return the table; DeidError as from ``format``, and if the file is not in the encoding.

        A stream that can be read once, such as standard input, must be in the encoding: DeidError if it is UTF-8.
        """
        if file.seekable() and _all_utf8(file):
            return self.format.open(file)
        reader = _AsUtf8(file, self.encoding)
        return EncodedTable(self.format.open(cast(BinaryIO, io.BufferedReader(reader))), reader.codec)


@dataclass(frozen=True, slots=True)
class EncodedTable:
    """An open table, whose rows are read in UTF-8."""

    table: Table
    codec: str

    @property
    def format(self) -> Format:
        """The format of the rows."""
        return self.table.format

    @property
    def heading(self) -> Sequence[Beside]:
        """The heading of the table."""
        return self.table.heading

    def parts(self) -> Iterator[Part]:
        """Yield the rows in UTF-8."""
        return self.table.parts()

    def join(self, parts: Iterator[bytes], target: BinaryIO) -> None:
        """Write the file in its encoding, see `OpenedFile.written`."""
        self.table.join(parts, cast(BinaryIO, _FromUtf8(target, self.codec)))


class _AsUtf8(io.RawIOBase):
    """A file, read as UTF-8."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._chunk = file.read(_CHUNK)
        self._ready = b""
        self.codec = _codec(encoding, self._chunk)
        self._decoder = codecs.getincrementaldecoder(self.codec)()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        while not self._ready:
            chunk, self._chunk = self._chunk, self._file.read(_CHUNK) if self._chunk else b""
            _check(chunk, self._encoding)
            with _decoding_errors(self._encoding):
                self._ready = self._decoder.decode(chunk, final=not chunk).encode("utf8")
            if not chunk:
                break
        size = min(len(view), len(self._ready))
        view[:size], self._ready = self._ready[:size], self._ready[size:]
        return size


class _FromUtf8(io.RawIOBase):
    """A file that takes whole characters of UTF-8 and is written in another encoding."""

    def __init__(self, file: BinaryIO, codec: str) -> None:
        self._file = file
        self._encoder = codecs.getincrementalencoder(codec)(_NEAREST)

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        written = bytes(data)
        self._file.write(self._encoder.encode(written.decode("utf8")))
        return len(written)


def _codec(encoding: str, start: bytes) -> str:
    """Return the encoding with its byte order: a mark in front is then a character that is kept."""
    if encoding not in _WIDE:
        return encoding
    width = len(_WIDE[encoding])
    # in big-endian order the first byte of an ASCII letter is NUL
    is_big = start.startswith(_WIDE[encoding]) or start[::width].count(0) > start[width - 1 :: width].count(0)
    return f"{encoding}-be" if is_big else f"{encoding}-le"


def _check(chunk: bytes, encoding: str) -> None:
    """Raise DeidError for bytes in UTF-8 rather than ``encoding``: no name is found in wrongly decoded text."""
    if not chunk:
        return
    is_wide = encoding.startswith(tuple(_WIDE))
    if is_wide != (b"\0" in chunk):
        has = "has no NUL bytes, so it is not" if is_wide else "has NUL bytes, like UTF-16, so it is not"
        raise DeidError(f"it {has} in {encoding}. Remedy: name its encoding by --encoding")
    if not is_wide and _is_utf8(chunk):
        raise DeidError(f"it is in UTF-8, not in {encoding}. Remedy: redact it without --encoding")


def _all_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf8")()
    try:
        while chunk := file.read(_CHUNK):
            if "\0" in decoder.decode(chunk):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def _is_utf8(chunk: bytes) -> bool:
    """Whether a part of a file holds non-ASCII characters, all in UTF-8; the first and the last one may be cut."""
    aligned = chunk.lstrip(_NO_UTF8_BEGINS) if chunk[:4].lstrip(_NO_UTF8_BEGINS) else chunk
    try:
        return not codecs.getincrementaldecoder("utf8")().decode(aligned).isascii()
    except UnicodeDecodeError:
        return False


@contextmanager
def _decoding_errors(encoding: str) -> Iterator[None]:
    """Turn Python's decoding errors into a DeidError, which shows no bytes."""
    try:
        yield
    except UnicodeError:
        msg = f"it is not in {encoding}. Remedy: name its encoding by --encoding, or save the file as UTF-8"
        raise DeidError(msg) from None


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    bare = without_diacritics(error.object[error.start : error.end])
    return bare.encode(error.encoding, "replace").decode(error.encoding), error.end


codecs.register_error(_NEAREST, _nearest)
