"""Reading text so that characters keep their offsets."""

import codecs
from pathlib import Path

from spacy_deid.errors import DeidError

BOM = "\ufeff"
_OTHER_KINDS = {
    codecs.BOM_UTF32_LE: "it is in UTF-32",  # begins like the next
    codecs.BOM_UTF16_LE: "it is in UTF-16",
    codecs.BOM_UTF32_BE: "it is in UTF-32",
    codecs.BOM_UTF16_BE: "it is in UTF-16",
    b"PK\x03\x04": "it is a zip archive or an Office file, no text",
    b"\x1f\x8b": "it is compressed, no text",
    b"%PDF": "it is a PDF file, no text",
    b"\xd0\xcf\x11\xe0": "it is an older or a protected Office file, no text",
    b"PAR1": "it is a Parquet file, no text",
}


def read_utf8(path: Path) -> str:
    """Return a file's text with its line ends and byte order mark as they are.

    Raises DeidError with the file, the byte where it is not UTF-8, and what it looks like.
    """
    data = path.read_bytes()
    problem = not_utf8(data)
    if problem:
        raise DeidError(f"{path}: {problem}. Remedy: save the file as UTF-8.")
    return data.decode("utf8")


def read_lines(path: Path) -> list[str]:
    r"""Return a UTF-8 file's lines without line ends and byte order mark.

    Only ``\n`` and ``\r\n`` end a line: other characters that `str.splitlines` breaks at occur within notes.
    """
    return [line.removesuffix("\r") for line in read_utf8(path).removeprefix(BOM).split("\n")]


def not_utf8(data: bytes) -> str:
    """Return why bytes are no text in UTF-8 and what they look like; "" where they are."""
    try:
        text = data.decode("utf8")
    except UnicodeDecodeError as error:
        kind = next((kind for mark, kind in _OTHER_KINDS.items() if data.startswith(mark)), "")
        return kind or f"the byte at offset {error.start} is not UTF-8{_guess(data)}"
    # UTF-16 of plain letters is valid UTF-8, with a NUL after each, and no name would be found in it
    return f"there is a NUL byte at offset {data.index(0)}{_guess(data)}" if "\0" in text else ""


def _guess(data: bytes) -> str:
    """Return what bytes look like. Read as Windows-1252, those of DOS would be signs rather than letters."""
    if b"\0" in data:
        return "; it looks like UTF-16 without a byte order mark"
    strange = bytes(byte for byte in data if byte > 127)
    is_windows = sum(map(str.isalpha, strange.decode("cp1252", "replace"))) * 2 > len(strange)
    return "; it looks like Windows-1252" if is_windows else ""
