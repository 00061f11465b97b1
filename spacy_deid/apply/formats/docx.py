"""Word files: paragraphs of the body, tables, drawings, headers, footers, comments and notes, with their runs.

What nobody reads is not let through: properties, authors and dates of changes, custom data, XML comments and the
thumbnail are removed, pictures become empty ones without a name and links lead nowhere. A file with another embedded
part (a sheet, a chart) is refused. All text and names that are left are searched by the survival check.
"""

import importlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spacy_deid.apply.document import Beside, Document, Leaf
from spacy_deid.apply.formats.protocol import Redactions
from spacy_deid.errors import DeidError

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_PACKAGE = "application/vnd.openxmlformats-package."
_READ = {f"{_WORD}{kind}+xml" for kind in ("document.main", "header", "footer", "comments", "footnotes", "endnotes")}
_WITHOUT_TEXT = {
    f"{_WORD}{kind}+xml"
    for kind in (
        *("styles", "settings", "webSettings", "fontTable", "numbering"),
        *("commentsExtended", "commentsIds"),
    )
} | {"application/vnd.openxmlformats-officedocument.theme+xml", "application/vnd.ms-word.stylesWithEffects+xml"}
_REMOVED = {
    f"{_WORD}people+xml",
    f"{_WORD}commentsExtensible+xml",  # when each was written
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
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PARAGRAPHS = (f"{_W}p", f"{_DRAWING}p")
_DRAWN_TEXT = f"{_DRAWING}t"
_TEXTS = (f"{_W}t", f"{_W}delText", f"{_MATH}t", _DRAWN_TEXT)
_FIELD_CODES = (f"{_W}instrText", f"{_W}delInstrText")
_SPACES = {f"{_W}tab": "\t", f"{_W}ptab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"} | {
    f"{_DRAWING}br": "\n"
}
_WITH_SPACES = (f"{_W}r", f"{_DRAWING}p")
# of pictures, links, WordArt ("string") and simple fields
_WRITTEN_ATTRIBUTES = ("descr", "title", "alt", "string", f"{_W}tooltip", f"{_W}instr")
_AUTHORS = (f"{_W}author", f"{_W}initials")
_DATES = (f"{_W}date", f"{_W}fullDate", "{http://schemas.microsoft.com/office/word/2023/wordml/word16du}dateUtc")
_FILE_NAMES = {  # of pictures, by element
    "{http://schemas.openxmlformats.org/drawingml/2006/picture}cNvPr": "name",
    "{urn:schemas-microsoft-com:vml}imagedata": "{urn:schemas-microsoft-com:office:office}title",
}
_FIELD_DATA = f"{_W}fldData"
_VARIABLES = (f"{_W}docVars", f"{_W}mailMerge", f"{_W}attachedTemplate")
_SCHEMA = "http://schemas."
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
        if not all(tree.tag.startswith(_W) for tree in trees.values()):
            msg = "a .docx of the kind 'Strict Open XML', which is not read. Remedy: save it as an ordinary .docx"
            raise DeidError(msg)
        return OpenedDocx(opened, trees)


class OpenedDocx:
    """A Word file whose leaves are its runs' texts."""

    def __init__(self, package: Any, trees: dict[Any, Any]) -> None:
        self._package = package
        self._trees = trees
        self._clean()
        self._slots = [slot for tree in trees.values() for slot in _slots(tree)]
        leaves = [Leaf(slot.text, slot.gap) for slot in self._slots]
        self.documents = [Document(leaves, beside=[Beside(text) for text in sorted(set(self._beside()))])]

    def written(self, redactions: Redactions) -> bytes:
        """Return the file with the new texts, or nothing where it failed."""
        (leaves,) = redactions
        if leaves is None:
            return b""
        for slot, text in zip(self._slots, leaves, strict=True):
            slot.write(text)
        for part, tree in self._trees.items():
            if not hasattr(part, "element"):
                part._blob = _etree().tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)
        stream = io.BytesIO()
        self._package.save(stream)
        return _without_times(stream)

    def _clean(self) -> None:
        for source in self._sources():
            for key, relation in list(source.rels.items()):
                if relation.is_external:
                    relation._target = _NOWHERE
                elif relation.target_part.content_type in _REMOVED or relation.reltype.endswith(_THUMBNAIL):
                    del source.rels[key]
        pictures = 0
        for part in self._package.iter_parts():
            if part.content_type == _PROPERTIES:
                part.element[:] = []
            elif part.content_type.startswith("image/"):
                pictures += 1
                _blank(part, pictures)
            elif part.content_type == f"{_WORD}settings+xml":
                _remove(part.element, _VARIABLES)
            elif part.content_type not in _READ | _WITHOUT_TEXT:
                raise DeidError(f"the .docx holds a part that is not read ({part.content_type}). Remedy: remove it")
        for tree in self._every_tree():
            _etree().strip_tags(tree, _etree().Comment, _etree().ProcessingInstruction)
        for tree in self._trees.values():
            _remove(tree, [_FIELD_DATA])
            for element in tree.iter():
                _remove_origin(element)

    def _beside(self) -> Iterator[str]:
        """Yield all else that the file says: names of styles, bookmarks, controls and parts, text in odd places."""
        written = {(slot.element, slot.attribute) for slot in self._slots}
        for element in (element for tree in self._every_tree() for element in tree.iter()):
            if (element, "") not in written:
                yield element.text or ""
            yield element.tail or ""
            for name, value in element.attrib.items():
                if "rsid" not in name and not _is_technical(value) and (element, name) not in written:
                    yield value
        yield from (part.partname for part in self._package.iter_parts())

    def _sources(self) -> list[Any]:
        """Return what may relate to parts."""
        return [self._package, *self._package.iter_parts()]

    def _every_tree(self) -> set[Any]:
        trees = {part.element for part in self._package.iter_parts() if hasattr(part, "element")}
        return trees | set(self._trees.values())


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
            if self.element.tag != _DRAWN_TEXT:  # it keeps its spaces, and may have no attribute
                self.element.set(_SPACE, "preserve")


def _slots(tree: Any) -> Iterator[_Slot]:
    for paragraph in tree.iter(*_PARAGRAPHS):
        yield from _slots_of(paragraph)
    for element in tree.iter():
        if element.tag in _FIELD_CODES or (element.tag in _TEXTS and _paragraph(element) is None):
            yield _Slot(element, "", "\n")
        for attribute in _WRITTEN_ATTRIBUTES:
            if attribute in element.attrib:
                yield _Slot(element, attribute, "\n")


def _slots_of(paragraph: Any) -> Iterator[_Slot]:
    """Yield the runs of a paragraph, without those of a text box in it, which has paragraphs of its own."""
    gap = "\n"
    for element in paragraph.iter(*_TEXTS, *_SPACES):
        if _paragraph(element) is not paragraph:
            continue
        if element.tag in _TEXTS:
            yield _Slot(element, "", gap)
            gap = ""
        elif element.getparent().tag in _WITH_SPACES:  # elsewhere a tab is a setting
            gap += _SPACES[element.tag]


def _paragraph(element: Any) -> Any:
    """Return the paragraph that an element is in, or None."""
    return next(element.iterancestors(*_PARAGRAPHS), None)


def _tree(part: Any) -> Any:
    return part.element if hasattr(part, "element") else importlib.import_module("docx.oxml").parse_xml(part.blob)


def _etree() -> Any:
    return importlib.import_module("lxml.etree")


def _blank(picture: Any, number: int) -> None:
    picture._blob, picture._content_type = _PIXEL, "image/png"
    picture.partname = importlib.import_module("docx.opc.packuri").PackURI(f"/word/media/image{number}.png")


def _is_technical(value: str) -> bool:
    """Whether an attribute's value is a length or a schema, which may be any number or have a year in it."""
    return value.lstrip("-").isdecimal() or value.startswith(_SCHEMA)


def _remove_origin(element: Any) -> None:
    """Remove who made a change or comment and when, and from which file a picture is; Word wants some, if empty."""
    for attribute in list(element.attrib):
        if attribute in _AUTHORS or attribute == _FILE_NAMES.get(element.tag):
            element.set(attribute, "")
        elif attribute in _DATES:
            del element.attrib[attribute]


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
