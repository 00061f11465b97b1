"""The rest of a Word file besides the text that is read: it is searched unless it is known to be harmless."""

import importlib
import io
import re
from collections.abc import Iterable, Iterator, Set
from functools import cache, lru_cache
from typing import Any

from spacy_deid.apply.document import Beside
from spacy_deid.apply.formats.docx import package as parts
from spacy_deid.apply.formats.docx.fields import is_plain
from spacy_deid.apply.formats.docx.names import ELEMENTS, Attributes, full, short, table, tags

# longer numbers are searched everywhere: no length or count in a document has so many digits
_SHORT_NUMBER = re.compile(r"[+-]?\d{1,6}(\.\d{1,4})?(pt|in|cm|mm|px|em|%|f)?")
_HEXADECIMAL = re.compile(r"(?=\d*[A-F])(?=[A-F]*\d)[\dA-F]{2,20}|([A-F]{2}){1,4}|#[\da-f]{3,6}|0+")
_SHAPE = re.compile(r"#?_x0000_[a-z]\d{1,6}")
_GUID = re.compile(r"\{?[\dA-F]{8}(-[\dA-F]{4}){3}-[\dA-F]{12}\}?", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?|x-none")
_STYLE_ENDING = re.compile(r"(\d|accent\d|-accent\d|char|tegn|zchn|car)+$")
_SCHEMA = re.compile(
    r"http://(schemas\.(openxmlformats\.org|microsoft\.com)|www\.w3\.org)/([A-Za-z/-]*/)?(\d{4}(/\d\d)?(/|$))?"
)
_RELATION = re.compile(r"rId\d{1,5}")
_RELATIONS = full("r:id").removesuffix("id")
_WORD_CHARACTER = re.compile(r"\w")
_MARKUP_OF_WORD = ("urn:schemas-microsoft-com:",)


def beside(part: Any, root: Any, written: Set[tuple[Any, str]]) -> Iterable[Beside]:
    """Return the text of a part that is not rewritten.

    Args:
        part: The part.
        root: The root of its XML.
        written: Pairs of an element and its rewritten attribute, or "" for its text."""
    if written:
        return _beside(parts.place(part), root, written)
    return _beside_unwritten(parts.place(part), importlib.import_module("lxml.etree").tostring(root))


@lru_cache(maxsize=64)
def _beside_unwritten(where: str, xml: bytes) -> tuple[Beside, ...]:
    """Return the text of a part without rewritten text; cached: styles and themes are the same in most documents."""
    return tuple(_beside(where, importlib.import_module("lxml.etree").fromstring(xml), frozenset()))


def _beside(where: str, root: Any, written: Set[tuple[Any, str]]) -> Iterator[Beside]:
    for element in root.iter(ELEMENTS):
        for text, attribute in _said(element, written):
            yield Beside(text, f"{where}, {_place(element, attribute)}")
    yield from _namespaces(root, where)


def _said(element: Any, written: Set[tuple[Any, str]]) -> Iterator[tuple[str, str]]:
    """Yield each text of an element that is not rewritten and not known to be harmless, with its attribute or ""."""
    if element.text and (element, "") not in written and not _is_harmless_text(element.tag, element.text):
        yield element.text, ""
    if element.tail:
        yield element.tail, ""
    if not short(element.tag):
        yield _local(element.tag), ""
    for attribute, value in element.attrib.items():
        if value and (element, attribute) not in written and not _is_harmless(element.tag, attribute, value):
            yield value, attribute
        if not short(attribute):
            yield _local(attribute), attribute


def beside_package(package: Any) -> Iterator[Beside]:
    """Yield the names of parts and what relations are called."""
    for source in [package, *package.iter_parts()]:
        for key, relation in source.rels.items():
            for text in (key, relation.reltype):
                if not _RELATION.fullmatch(text):
                    yield Beside(_without_schema(text), "a relation")
    for part in package.iter_parts():
        if not parts.has_usual_name(part):
            yield Beside(str(part.partname), "the name of a part")


def each_once(texts: Iterable[Beside]) -> list[Beside]:
    """Return each text once, with its first place."""
    places: dict[str, str] = {}
    for text, place in texts:
        if _WORD_CHARACTER.search(text):
            places.setdefault(text, place)
    return [Beside(text, place) for text, place in places.items()]


def _place(element: Any, attribute: str) -> str:
    """Return the place of an element, without names that are not Word's."""
    parent = element.getparent()
    names = [short(each.tag) or "another element" for each in (parent, element) if each is not None]
    return "/".join(names) + (f", {short(attribute) or 'another attribute'}" if attribute else "")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _namespaces(root: Any, where: str) -> Iterator[Beside]:
    """Yield the prefixes and namespaces that a part declares."""
    etree = importlib.import_module("lxml.etree")
    for _, (prefix, namespace) in etree.iterparse(io.BytesIO(etree.tostring(root)), events=("start-ns",)):
        if prefix not in _words():
            yield Beside(prefix, f"{where}, a prefix")
        if not namespace.startswith(_MARKUP_OF_WORD) or not short(f"{{{namespace}}}x"):
            yield Beside(_without_schema(namespace), f"{where}, a namespace")


def _without_schema(name: str) -> str:
    """Return a schema's name without its beginning, which may hold a year."""
    return _SCHEMA.sub("", name)


def _is_harmless_text(tag: str, text: str) -> bool:
    return (tag in _rules("texts") and _is_technical(text)) or (tag == full("w:instrText") and is_plain(text))


@lru_cache(maxsize=65536)
def _is_harmless(tag: str, attribute: str, value: str) -> bool:
    if attribute == full("w:instr"):
        return is_plain(value)
    if tag in _rules("languages") and _LANGUAGE.fullmatch(value):
        return True
    if _listed("styles").has(tag, attribute):
        return _STYLE_ENDING.sub("", value.replace(" ", "").casefold()) in _styles()
    if _listed("fonts").has(tag, attribute):
        return value in _fonts()
    if attribute.startswith(_RELATIONS):
        return bool(_RELATION.fullmatch(value))
    is_listed = _listed("attributes").has(tag, attribute) or (tag in _rules("elements") and _local(attribute) == "val")
    return is_listed and _is_technical(value)


def _is_technical(value: str) -> bool:
    return all(
        word in _words() or any(form.fullmatch(word) for form in (_SHORT_NUMBER, _HEXADECIMAL, _GUID, _SHAPE))
        for word in value.split()
    )


@cache
def _rules(name: str) -> frozenset[str]:
    return frozenset(tags(table("harmless.toml")[name]))


@cache
def _listed(name: str) -> Attributes:
    return Attributes(table("harmless.toml")[name])


@cache
def _words() -> frozenset[str]:
    return frozenset(table("harmless.toml")["values"]["words"].split())


@cache
def _styles() -> frozenset[str]:
    return frozenset(table("harmless.toml")["values"]["styles"].split())


@cache
def _fonts() -> frozenset[str]:
    return frozenset(table("harmless.toml")["values"]["fonts"])
