"""Text files: one document, one leaf."""

from collections.abc import Sequence
from dataclasses import dataclass

from spacy_deid.apply.document import Document, Leaf
from spacy_deid.apply.formats.protocol import Redactions
from spacy_deid.errors import DeidError
from spacy_deid.files import BOM, not_utf8

ENCODING_REMEDY = (
    "Remedy: name its encoding (--encoding cp1252 for Windows-1252, in which Excel saves CSV; --encoding utf-16), "
    "or save the file as UTF-8"
)


class TextFormat:
    """A text file; line ends and a byte order mark are kept."""

    def open(self, data: bytes) -> "OpenedText":
        """Return the text as one document; DeidError with the first byte that is not UTF-8."""
        text = decoded(data, ENCODING_REMEDY)
        mark = BOM if text.startswith(BOM) else ""
        return OpenedText([Document([Leaf(text.removeprefix(BOM))])], mark)


@dataclass(frozen=True, slots=True)
class OpenedText:
    """A text and the mark before it."""

    documents: Sequence[Document]
    mark: str

    def written(self, redactions: Redactions) -> bytes:
        """Return the new text, or nothing if it failed."""
        return b"".join((self.mark + leaves[0]).encode("utf8") for leaves in redactions if leaves is not None)


def decoded(data: bytes, remedy: str = "Remedy: save it as UTF-8") -> str:
    """Return UTF-8 bytes as text; DeidError with their probable encoding and the remedy if they are not UTF-8."""
    problem = not_utf8(data)
    if problem:
        raise DeidError(f"{problem}. {remedy}")
    return data.decode("utf8")
