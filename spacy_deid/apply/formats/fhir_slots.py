"""The slots of a FHIR resource: the strings and numbers that may change, and their new values."""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha1
from urllib.parse import quote

from spacy_deid.apply.document import Beside, Leaf
from spacy_deid.apply.formats.attachment import is_encoded, read_attachment
from spacy_deid.apply.formats.fhir_elements import RecordFacts, is_term, label_of, lists_of, table, type_of
from spacy_deid.apply.formats.fhir_links import Renamed, identifiers_in, numbers_in, unescaped
from spacy_deid.apply.formats.hypertext import Hypertext, is_hypertext, plain
from spacy_deid.apply.formats.json_strings import JsonValue, Steps
from spacy_deid.errors import DeidError
from spacy_deid.redact.survival import BREAK

ELEMENT = re.compile(r"_?[a-z][A-Za-z0-9]*")  # "line" of an address is not a person called Line
_DATE = re.compile(r"(\d{4}-\d\d-\d\d|\d{4}-\d\d|\d{4})(T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SPACE = re.compile(r"\s")
_TIME = re.compile(r"[\d:.]+")
_TOKEN = re.compile(r"\S+|(?=.*\d)\S+ \S+")
_ADDRESS = re.compile(r"[:/#?]")
# a measured value, although it may look like a year or a day
_QUANTITY = re.compile(r"[<>=~±≤≥ ]*[-+]?\d{1,4}(?:[.,]\d{1,3})?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(slots=True)
class FileContext:
    """The state that the slots of one file share.

    Attributes:
        renamed: The new numbers in links.
        attached: The old and the new ``data`` of an object, by the identity of the object's members. None if it was
            removed.
    """

    renamed: Renamed
    attached: dict[int, tuple[bytes, bytes] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FhirSlot:
    """A value that may change.

    Attributes:
        value: The value.
        leaves: Its leaves.
        write: Returns the new text for new leaves. None if no valid value is left.
        beside: Its parts that are kept and not read.
        is_attached: Whether other slots depend on its new text.
    """

    value: JsonValue
    leaves: Sequence[Leaf]
    write: Callable[[Sequence[str], FileContext], str | None]
    beside: Sequence[Beside] = ()
    is_attached: bool = False


def place_of(value: JsonValue) -> str:
    """Return the FHIR path of a value, "entry[2].resource.id", with "?" for a key that is not an element."""
    return f"{_around(value.steps[:-1])}{_shown(value.steps[-1])}".removeprefix(".") if value.steps else ""


@lru_cache(maxsize=4096)
def _around(steps: Steps) -> str:
    return f"{_around(steps[:-1])}{_shown(steps[-1])}" if steps else ""


@lru_cache(maxsize=4096)
def _shown(step: str | int) -> str:
    return f"[{step}]" if isinstance(step, int) else f".{step}" if ELEMENT.fullmatch(step) else ".?"


def kept(text: str, value: JsonValue) -> Beside:
    """Return the unchanged part of a value for the survival check, with its escapes (%7C) and without them."""
    if "%" in text:
        text = f"{text}{BREAK}{unescaped(text).text}"
    return Beside(text, place_of(value))


def slot_of(value: JsonValue, facts: RecordFacts) -> FhirSlot | None:
    """Return the slot of a value, None for a value that is kept.

    Raises DeidError, with the path, for a value that can be neither read nor kept.
    """
    try:
        return _text_slot(value, facts) if value.is_string else _number_slot(value)
    except DeidError as error:
        reason = str(error)
    raise DeidError(f"{place_of(value)}: {reason}")


def _number_slot(value: JsonValue) -> FhirSlot | None:
    *_, name = ("", *value.path)
    if name == "size":
        return _size(value)
    if "coordinates" in lists_of(name) | lists_of(value.members.get("url", "")):
        return FhirSlot(
            value, [Leaf(value.text, label="LOCATION")], lambda new, _: new[0] if _NUMBER.fullmatch(new[0]) else None
        )
    if numbers_in(value.text):
        msg = "a JSON number is the number of a person. Remedy: remove it, or write it as an Identifier"
        raise DeidError(msg)
    return None


def _text_slot(value: JsonValue, facts: RecordFacts) -> FhirSlot | None:
    *_, outer, name = ("", "", *value.path)
    around = type_of(outer)
    if not value.text:
        return None
    lists = lists_of(name)
    if name == "hash":
        return _hash(value)
    if "attached" in lists or (name == "content" and "contentType" in value.members):
        return _data(value, around)
    if "removed" in lists:
        return FhirSlot(value, (), lambda _, __: None)
    if name == "div":
        return _hypertext(value)
    if "linked" in lists or ("linked_if_address" in lists and _ADDRESS.search(value.text)):
        if value.text.isascii() and not _SPACE.search(value.text):
            return _link(value, facts)
    elif "coded" in lists and _is_code(value.text, name):
        return None
    if dated := _DATE.fullmatch(value.text):
        if "dates" in lists:
            return _date(value, dated)
        if _DAY.match(value.text):
            return FhirSlot(value, [Leaf(dated[1], label="DATE")], lambda new, _: _with_rest(dated, new[0]) or new[0])
    label = _label(value, name, around)
    return None if not label and _QUANTITY.fullmatch(value.text.strip()) else _free(value, label, facts)


def _label(value: JsonValue, name: str, around: str) -> str:
    """Return the label of a text by its element; "" for free text."""
    identifying = table()["identifying"]
    if "dates" in lists_of(name) and not _TIME.fullmatch(value.text):
        return "DATE"
    label = label_of(name, around)
    if label == "PHONE" and "@" in value.text:
        return "EMAIL"
    if not label and name.startswith("value"):
        url = value.members.get("url", "").rpartition("/")[2]
        extended = [step.removeprefix("_") for step in value.path if step.startswith("_")]
        label = table()["identifying_extensions"].get(url) or next(
            (identifying[each] for each in reversed(extended) if each in identifying), ""
        )
    return label


def _free(value: JsonValue, label: str, facts: RecordFacts) -> FhirSlot:
    if is_encoded(value.text):
        msg = "text that is encoded in base64. Remedy: remove it, or write it as text"
        raise DeidError(msg)
    if label:
        leaf = Leaf(plain(value.text), label=label)
        return FhirSlot(value, [leaf], lambda new, _: (value.text if new[0] == leaf.text else new[0]) or None)
    if is_hypertext(value.text):
        return _hypertext(value)
    leaf = Leaf(value.text, is_term=is_term(value, facts))
    return FhirSlot(value, [leaf], lambda new, _: new[0] if new[0].strip() else None)


def _hypertext(value: JsonValue) -> FhirSlot:
    read = Hypertext(value.text)
    return FhirSlot(value, read.leaves, lambda new, _: read.written(new) or None, [kept(read.unread, value)])


def _date(value: JsonValue, date: re.Match[str]) -> FhirSlot:
    return FhirSlot(value, [Leaf(date[1], label="DATE")], lambda new, _: _with_rest(date, new[0]))


def _is_code(text: str, name: str) -> bool:
    """Return whether a text may be a code; ``when`` is one for a drug, but a date for a signature."""
    is_date = "dates" in lists_of(name) and _DATE.fullmatch(text)
    return name == "unit" or (not is_date and _TOKEN.fullmatch(text) is not None)


def _with_rest(date: re.Match[str], new: str) -> str | None:
    """Return a new date with the time of the old one, if it is a whole day; None if it is not a date."""
    if not _DATE.fullmatch(new):
        return None
    return new + (date[2] or "") if new.count("-") == 2 else new


def _link(value: JsonValue, facts: RecordFacts) -> FhirSlot | None:
    link = value.text
    found = identifiers_in(link, facts.numbers)
    if not found:
        return None
    ranges = [place for place, _ in found]
    leaves = [Leaf(unescaped(link[start:end]).text, label=label) for (start, end), label in found]

    def write(new: Sequence[str], context: FileContext) -> str:
        pieces: list[str] = []
        read = 0
        for (start, end), leaf, text in zip(ranges, leaves, new, strict=True):
            if text != leaf.text:
                is_parameter = link[start - 1] == "="  # there "+" is a space
                escaped = quote(text, safe="[]" if is_parameter else "[]+@")
                renamed = context.renamed(link, start, end, text) if leaf.label == "ID" else escaped
                pieces += link[read:start], renamed
                read = end
        return "".join([*pieces, link[read:]])

    starts, ends = [start for start, _ in ranges], [end for _, end in ranges]
    between = [link[end:start] for end, start in zip([0, *ends], [*starts, len(link)], strict=True)]
    return FhirSlot(value, leaves, write, [kept(" ".join(between), value)])


def _data(value: JsonValue, around: str) -> FhirSlot | None:
    if around == "SampledData":
        return None
    if around in ("Signature", "Photo"):  # a signature is invalid for the new data; a picture shows a face

        def remove(new: Sequence[str], context: FileContext) -> None:
            context.attached[id(value.members)] = None

        return FhirSlot(value, (), remove, is_attached=True)
    attached = read_attachment(value.text, value.members.get("contentType", ""))
    before = b64decode("".join(value.text.split()))

    def write(new: Sequence[str], context: FileContext) -> str | None:
        after = attached.written(new)
        context.attached[id(value.members)] = before, after
        return value.text if after == before else b64encode(after).decode("ascii") or None

    return FhirSlot(value, attached.leaves, write, [kept(attached.unread, value)], is_attached=True)


def _hash(value: JsonValue) -> FhirSlot:
    """Return a slot for the hash of the new data: guessed values could be confirmed by the hash of the original."""

    def write(new: Sequence[str], context: FileContext) -> str | None:
        became = context.attached.get(id(value.members))
        if became is None:
            return None
        before, after = became
        digest = sha1(after, usedforsecurity=False).digest()  # as FHIR defines it
        return value.text if before == after else b64encode(digest).decode("ascii")

    return FhirSlot(value, (), write)


def _size(value: JsonValue) -> FhirSlot | None:
    def write(new: Sequence[str], context: FileContext) -> str | None:
        became = context.attached.get(id(value.members))
        if became is None:
            return None
        before, after = became
        return value.text if before == after else str(len(after))

    return FhirSlot(value, (), write) if "data" in value.members else None
