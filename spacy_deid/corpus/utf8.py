"""Reading text so that characters keep their offsets."""

from pathlib import Path

from spacy_deid.errors import DeidError

BOM = "\ufeff"


def read_utf8(path: Path) -> str:
    """Return a file's text with its line ends and byte order mark as they are.

    Raises DeidError with the file and the byte where it is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf8")
    except UnicodeDecodeError as error:
        position = error.start
    raise DeidError(f"{path}: the byte at offset {position} is not UTF-8. Remedy: save the file as UTF-8.")


def read_lines(path: Path) -> list[str]:
    r"""Return a UTF-8 file's lines without line ends and byte order mark.

    Only ``\n`` and ``\r\n`` end a line: other characters that `str.splitlines` breaks at occur within notes.
    """
    return [line.removesuffix("\r") for line in read_utf8(path).removeprefix(BOM).split("\n")]
