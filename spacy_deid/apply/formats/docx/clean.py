"""Removes the parts and the markup of a Word file that need not be read, before the rest is read."""

import importlib
from collections.abc import Set
from functools import cache
from typing import Any

from spacy_deid.apply.formats.docx import package as parts
from spacy_deid.apply.formats.docx.fields import NOWHERE, unwrap
from spacy_deid.apply.formats.docx.names import ELEMENTS, Attributes, full, table, tags
from spacy_deid.errors import DeidError

_THUMBNAIL, _INSERTED = "/thumbnail", "/aFChunk"
_NO_PROPERTIES = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
# one transparent pixel; Word looks at the bytes, not at the name
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
_EMPTIED, _REMOVED = "emptied", "attributes"  # lists of markup.toml
_PRIVATE_USE = 0xF000  # the first character of symbol fonts


def clean_parts(package: Any) -> dict[Any, set[str]]:
    """Remove the parts that are not needed, empty pictures and properties, and cut links.

    Returns the removed relations by part; `clean_references` removes them from the part's XML. Raises DeidError for a
    part that is not read.
    """
    gone: dict[Any, set[str]] = {}
    sources, seen = [package], {package}
    while sources:
        source = sources.pop()
        gone[source] = _cut_relations(source)
        # parts that only a removed part led to are not examined
        found = [relation.target_part for relation in source.rels.values() if not relation.is_external]
        sources += [part for part in found if part not in seen]
        seen.update(found)
    _empty_parts(package)
    return gone


def _cut_relations(source: Any) -> set[str]:
    """Redirect links to nowhere, remove the relations to removed parts, and return these."""
    removed = set()
    for key, relation in list(source.rels.items()):
        if relation.reltype.endswith(_INSERTED):
            raise DeidError(parts.inserted())
        if relation.is_external:
            source.rels.add_relationship(relation.reltype, NOWHERE, key, is_external=True)
        elif relation.reltype.endswith(_THUMBNAIL) or parts.kind(relation.target_part) == parts.REMOVED:
            del source.rels[key]
            removed.add(key)
    return removed


def _empty_parts(package: Any) -> None:
    pictures = 0
    for part in package.iter_parts():
        kind = parts.kind(part)
        if kind == parts.EMPTIED:
            part._element = importlib.import_module("docx.oxml").parse_xml(_NO_PROPERTIES)
        elif kind == parts.PICTURE:
            pictures += 1
            _blank(part, pictures)


def clean_references(root: Any, gone: Set[str]) -> None:
    """Remove the elements that name a removed relation; Word reports a file with one as damaged."""
    if not gone:
        return
    relations = full("r:id").removesuffix("id")
    for element in list(root.iter(ELEMENTS)):
        if any(value in gone for attribute, value in element.attrib.items() if attribute.startswith(relations)):
            _remove(element)


def clean_markup(root: Any) -> None:
    """Remove comments, instructions, deleted text and the other markup in markup.toml."""
    etree, removed = importlib.import_module("lxml.etree"), table("markup.toml")["removed"]
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    _accept_changes(root)
    for element in list(root.iter(*tags([*removed["elements"], *removed["deleted_texts"]]))):
        _remove(element)
    for element in list(root.iter(*tags(removed["unwrapped"]))):
        unwrap(element)
    for element in list(root.iter(full("w:sym"))):
        _write_out(element)
    for element in root.iter(ELEMENTS):
        for attribute in list(element.attrib):
            fate = _fate(element.tag, attribute)
            if fate == _EMPTIED:
                element.set(attribute, "")
            elif fate == _REMOVED:
                del element.attrib[attribute]


def _accept_changes(root: Any) -> None:
    """Accept tracked changes of text; marks of paragraphs and rows are kept."""
    deleted, moved = full("w:del"), full("w:moveTo")
    for element in list(root.iter(*tags(table("markup.toml")["removed"]["deleted"]), moved)):
        if element.tag == moved:
            element.tag = full("w:ins")
        elif len(element):
            _remove(element)
        else:
            element.tag = deleted


def _write_out(symbol: Any) -> None:
    """Turn a symbol that is a letter or digit into text."""
    try:
        code = int(symbol.get(full("w:char"), ""), 16)
    except ValueError:
        return
    is_private = code >= _PRIVATE_USE
    character = chr(code - _PRIVATE_USE if is_private else code)
    if character.isalnum() and (not is_private or _has_usual_digits(symbol, character)):
        text = symbol.makeelement(full("w:t"))
        text.text = character
        symbol.getparent().replace(symbol, text)


def _has_usual_digits(symbol: Any, character: str) -> bool:
    return bool(symbol.get(full("w:font")) == "Symbol" and character.isdecimal())


def _remove(element: Any) -> None:
    """Remove an element without the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def _blank(picture: Any, number: int) -> None:
    picture._blob, picture._content_type = _PIXEL, "image/png"
    picture.partname = importlib.import_module("docx.opc.packuri").PackURI(f"/word/media/image{number}.png")


@cache
def _fate(tag: str, attribute: str) -> str:
    """Return the fate of an attribute; "" for one that is kept."""
    return next((fate for fate in (_EMPTIED, _REMOVED) if _attributes(fate).has(tag, attribute)), "")


@cache
def _attributes(fate: str) -> Attributes:
    return Attributes(table("markup.toml")["removed"][fate])
