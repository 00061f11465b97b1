"""Word files: paragraphs of the body, tables, drawings, headers, footers, comments and notes, with their runs.

Every part, element and attribute is read, removed or searched, or is known to be harmless, by parts.toml, markup.toml
and harmless.toml. Properties, labels, authors and dates of changes, deleted text, custom data, smart tags, XML
comments and the thumbnail are removed, pictures become empty ones without a name, links lead nowhere. A file with
another embedded part (a sheet, a chart) is refused. The survival check searches the rest.
"""

from collections.abc import Iterator
from typing import Any

from spacy_deid.apply.document import Beside, Document, Leaf
from spacy_deid.apply.formats.docx import package as parts
from spacy_deid.apply.formats.docx.clean import clean_markup, clean_parts, clean_references
from spacy_deid.apply.formats.docx.fields import clean_codes, rename
from spacy_deid.apply.formats.docx.slots import slots
from spacy_deid.apply.formats.docx.unread import beside, beside_package, each_once
from spacy_deid.apply.formats.protocol import Redactions


class DocxFormat:
    """A Word file is one document; needs python-docx."""

    def open(self, data: bytes) -> "OpenedDocx":
        """Return the document; DeidError for other data, and for a part that cannot be read."""
        package = parts.opened(data)
        gone = clean_parts(package)
        roots = {
            part: parts.parsed(part)
            for part in package.iter_parts()
            if parts.kind(part) in (parts.READ, parts.SETTINGS)
        }
        parts.check_main([root for part, root in roots.items() if parts.kind(part) == parts.READ])
        for part, root in roots.items():
            clean_references(root, gone.get(part, set()))
            clean_markup(root)
        names = rename(roots.values())
        for root in roots.values():
            clean_codes(root, names)
        return OpenedDocx(package, roots)


class OpenedDocx:
    """A Word file whose leaves are its runs' texts."""

    def __init__(self, package: Any, roots: dict[Any, Any]) -> None:
        self._package = package
        self._roots = roots
        self._slots_of = {part: list(slots(root)) for part, root in roots.items()}
        self._slots = [slot for each in self._slots_of.values() for slot in each]
        leaves = [Leaf(slot.text, slot.gap) for slot in self._slots]
        self.documents = [Document(leaves, beside=each_once(self._beside()))]

    def written(self, redactions: Redactions) -> bytes:
        """Return the file with the new texts, or nothing if it failed."""
        (leaves,) = redactions
        if leaves is None:
            return b""
        for slot, text in zip(self._slots, leaves, strict=True):
            slot.write(text)
        return parts.saved(self._package, self._roots)

    def _beside(self) -> Iterator[Beside]:
        """Yield the other text of the file: names of styles, numbers, text in odd places."""
        for part, root in self._roots.items():
            yield from beside(part, root, {(slot.element, slot.attribute) for slot in self._slots_of[part]})
        yield from beside_package(self._package)
