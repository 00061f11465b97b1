"""Word files: paragraphs of the body, tables, text boxes, headers, footers, comments and notes, with their runs.

What nobody reads is not let through: properties, authors, custom data and the thumbnail are removed, pictures become
empty ones and links lead nowhere. A file with another embedded part (a sheet, a chart) is refused.
"""

import importlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spacy_deid.apply.document import Document, Leaf
from spacy_deid.apply.formats.protocol import Redactions
from spacy_deid.errors import DeidError

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_PACKAGE = "application/vnd.openxmlformats-package."
_READ = {f"{_WORD}{kind}+xml" for kind in ("document.main", "header", "footer", "comments", "footnotes", "endnotes")}
_WITHOUT_TEXT = {
    f"{_WORD}{kind}+xml"
    for kind in (
        *("styles", "settings", "webSettings", "fontTable", "numbering"),
        *("commentsExtended", "commentsIds", "commentsExtensible"),
    )
} | {"application/vnd.openxmlformats-officedocument.theme+xml", "application/vnd.ms-word.stylesWithEffects+xml"}
_REMOVED = {
    f"{_WORD}people+xml",
    f"{_WORD}document.glossary+xml",
    f"{_WORD}printerSettings",
    "application/xml",
    "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
    "application/vnd.openxmlformats-officedocument.custom-properties+xml",
    "application/vnd.openxmlformats-officedocument.extended-properties+xml",
}
_PROPERTIES = f"{_PACKAGE}core-properties+xml"
_THUMBNAIL = "/thumbnail"

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARAGRAPH = f"{_W}p"
_TEXTS = (f"{_W}t", f"{_W}delText")
_FIELD_CODES = (f"{_W}instrText", f"{_W}delInstrText")
_SPACES = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_WRITTEN_ATTRIBUTES = ("descr", "title", f"{_W}tooltip")
_AUTHORS = (f"{_W}author", f"{_W}initials")
_VARIABLES = (f"{_W}docVars", f"{_W}mailMerge", f"{_W}attachedTemplate")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

_NOWHERE = "https://redacted.invalid/"
# one transparent pixel; Word looks at the bytes, not at the name
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can say


class DocxFormat:
    """A Word file is one document; needs python-docx."""

    def open(self, data: bytes) -> "OpenedDocx":
        """Return the document; DeidError for what is no .docx or has a part that cannot be read."""
        package = importlib.import_module("docx.opc.package").OpcPackage
        try:
            opened = package.open(io.BytesIO(data))
            roots = [part for part in opened.iter_parts() if part.content_type in _READ]
            trees = {part: _tree(part) for part in roots}
        except Exception as error:  # a damaged file fails anywhere in zipfile, lxml or python-docx
            raise DeidError(f"not a .docx file, or a damaged one ({type(error).__name__})") from None
        if not trees:
            msg = "not a .docx file: it has no document in it"
            raise DeidError(msg)
        return OpenedDocx(opened, trees)


class OpenedDocx:
    """A Word file whose leaves are its runs' texts."""

    def __init__(self, package: Any, trees: dict[Any, Any]) -> None:
        self._package = package
        self._trees = trees
        self._slots = [slot for tree in trees.values() for slot in _slots(tree)]
        self._clean()
        leaves = [Leaf(slot.text, slot.gap) for slot in self._slots]
        self.documents = [Document(leaves, beside=sorted(self._names()))]

    def written(self, redactions: Redactions) -> bytes:
        """Return the file with the new texts, or nothing where it failed."""
        (leaves,) = redactions
        if leaves is None:
            return b""
        for slot, text in zip(self._slots, leaves, strict=True):
            slot.write(text)
        for part, tree in self._trees.items():
            if not hasattr(part, "element"):
                part._blob = importlib.import_module("lxml.etree").tostring(
                    tree, encoding="UTF-8", xml_declaration=True, standalone=True
                )
        stream = io.BytesIO()
        self._package.save(stream)
        return _without_times(stream)

    def _clean(self) -> None:
        for source in (self._package, *self._package.iter_parts()):
            for key, relation in list(source.rels.items()):
                if relation.is_external:
                    relation._target = _NOWHERE
                elif relation.target_part.content_type in _REMOVED or relation.reltype.endswith(_THUMBNAIL):
                    del source.rels[key]
        for part in self._package.iter_parts():
            if part.content_type == _PROPERTIES:
                part.element[:] = []
            elif part.content_type.startswith("image/"):
                part._blob = _PIXEL
            elif part.content_type == f"{_WORD}settings+xml":
                _remove(part.element, _VARIABLES)
            elif part.content_type not in _READ | _WITHOUT_TEXT:
                raise DeidError(f"the .docx holds a part that is not read ({part.content_type}). Remedy: remove it")
        for tree in self._trees.values():
            for element in tree.iter():
                for author in _AUTHORS:
                    if author in element.attrib:
                        element.set(author, "")

    def _names(self) -> set[str]:
        """Return what else the file says in words: names of styles, bookmarks, controls, pictures."""
        written = {(slot.element, slot.attribute) for slot in self._slots}
        trees = [part.element for part in self._package.iter_parts() if hasattr(part, "element")]
        elements = (element for tree in {*trees, *self._trees.values()} for element in tree.iter())
        return {
            value
            for element in elements
            for name, value in element.attrib.items()
            if "rsid" not in name and any(map(str.isalpha, value)) and (element, name) not in written
        }


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a leaf is written: an element's text, or its attribute."""

    element: Any
    attribute: str
    gap: str

    @property
    def text(self) -> str:
        return str((self.element.get(self.attribute) if self.attribute else self.element.text) or "")

    def write(self, text: str) -> None:
        if self.attribute:
            self.element.set(self.attribute, text)
        else:
            self.element.text = text
            self.element.set(_SPACE, "preserve")


def _slots(tree: Any) -> Iterator[_Slot]:
    for paragraph in tree.iter(_PARAGRAPH):
        yield from _slots_of(paragraph)
    for element in tree.iter():
        if element.tag in _FIELD_CODES:
            yield _Slot(element, "", "\n")
        for attribute in _WRITTEN_ATTRIBUTES:
            if attribute in element.attrib:
                yield _Slot(element, attribute, "\n")


def _slots_of(paragraph: Any) -> Iterator[_Slot]:
    """Yield the runs of a paragraph, without those of a text box in it, which has paragraphs of its own."""
    gap = "\n"
    for element in paragraph.iter(*_TEXTS, *_SPACES):
        if next(element.iterancestors(_PARAGRAPH)) is not paragraph:
            continue
        if element.tag in _TEXTS:
            yield _Slot(element, "", gap)
            gap = ""
        elif element.getparent().tag == f"{_W}r":  # elsewhere a tab is a setting
            gap += _SPACES[element.tag]


def _tree(part: Any) -> Any:
    return part.element if hasattr(part, "element") else importlib.import_module("docx.oxml").parse_xml(part.blob)


def _remove(tree: Any, tags: Sequence[str]) -> None:
    for element in list(tree.iter(*tags)):
        element.getparent().remove(element)


def _without_times(stream: io.BytesIO) -> bytes:
    """Return a zip file without the hour at which it was written, so that the same document has the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for entry in source.infolist():
            fresh = zipfile.ZipInfo(entry.filename, _EPOCH)
            fresh.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(fresh, source.read(entry))
    return target.getvalue()
