"""The places of text in a Word file: runs, codes of fields, and attributes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from spacy_deid.apply.formats.docx.fields import is_plain
from spacy_deid.apply.formats.docx.names import ELEMENTS, Attributes, full, table, tags

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_LEVEL = re.compile(r"%\d")  # of a list's number
_WORD_CHARACTERS = re.compile(r"\w.*\w", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DocxSlot:
    """The place of a leaf: an element's text, or its attribute."""

    element: Any
    attribute: str
    gap: str

    @property
    def text(self) -> str:
        """The text."""
        return str((self.element.get(self.attribute) if self.attribute else self.element.text) or "")

    def write(self, text: str) -> None:
        """Write a new text; an equal one is left unchanged, with its spaces."""
        if text == self.text:
            return
        if self.attribute:
            self.element.set(self.attribute, text)
        else:
            self.element.text = text
            if self.element.tag != full("a:t"):  # a:t keeps its spaces, and may have no attribute
                self.element.set(_SPACE, "preserve")


def slots(root: Any) -> Iterator[DocxSlot]:
    """Yield the slots of a part: paragraph by paragraph, then those outside paragraphs."""
    rules = table("markup.toml")["read"]
    texts, codes = tags(rules["texts"]), tags(rules["codes"])
    for unit in root.iter(*_units()):
        yield from _slots_of(unit, texts)
    for element in root.iter(ELEMENTS):
        if element.tag in texts and _unit(element) is None:
            yield DocxSlot(element, "", "\n")
        if element.tag in codes and not is_plain(element.text or ""):
            yield DocxSlot(element, "", "\n")
        for attribute in element.attrib:
            if _is_read(element.tag, attribute) and _has_words(element, attribute):
                yield DocxSlot(element, attribute, "\n")


def _slots_of(unit: Any, texts: tuple[str, ...]) -> Iterator[DocxSlot]:
    """Yield the runs of a paragraph, without those of a text box in it, which has its own paragraphs."""
    gap = "\n"
    spaces, within = _spaces()
    for element in unit.iter(*texts, *spaces):
        if _unit(element) is not unit:
            continue
        if element.tag in texts:
            # Word writes no text within another; such texts are not one word
            yield DocxSlot(element, "", "\n" if element.getparent().tag in texts else gap)
            gap = ""
        elif element.getparent().tag in within:
            gap += spaces[element.tag]


def _unit(element: Any) -> Any:
    """Return the unit in which an element's text is read, or None."""
    return next(element.iterancestors(*_units()), None)


def _has_words(element: Any, attribute: str) -> bool:
    value = element.get(attribute)
    if attribute == full("w:instr") and is_plain(value):
        return False
    return bool(_WORD_CHARACTERS.search(_LEVEL.sub("", value)))


@cache
def _units() -> tuple[str, ...]:
    return tags(table("markup.toml")["read"]["units"])


@cache
def _is_read(tag: str, attribute: str) -> bool:
    return _read().has(tag, attribute)


@cache
def _read() -> Attributes:
    return Attributes(table("markup.toml")["read"]["attributes"])


@cache
def _spaces() -> tuple[dict[str, str], tuple[str, ...]]:
    rules = table("markup.toml")["spaces"]
    return {full(name): text for name, text in rules.items() if name != "within"}, tags(rules["within"])
