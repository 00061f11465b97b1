"""FHIR in JSON: a resource or a Bundle is one document; its free text is redacted, its markup and codes stay.

The elements that identify by themselves (names, addresses, numbers of persons, dates) are redacted too: what a
narrative no longer says must not stand beside it. A date that no longer is one leaves its place to FHIR's
data-absent-reason, or to the extensions that it has.
"""

import base64
import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from spacy_deid.apply.document import Beside, Document, Leaf
from spacy_deid.apply.formats.json_strings import Value, keys, quoted, values
from spacy_deid.apply.formats.protocol import Redactions
from spacy_deid.apply.formats.text import decoded
from spacy_deid.apply.formats.xhtml import read_xhtml, unread_xhtml, written_xhtml
from spacy_deid.corpus.utf8 import BOM
from spacy_deid.errors import DeidError

_DATE = re.compile(r"(\d{4}-\d\d-\d\d|\d{4}-\d\d|\d{4})(T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?")
_ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}
_ELEMENT = re.compile(r"_?[a-z][A-Za-z0-9]*")  # "line" of an address is nobody called Line
_GONE = "\0"  # in the place of a member; no JSON text has it
_GONE_WITH_COMMA = re.compile(rf"{_GONE}\s*,\s*|,\s*{_GONE}")


class FhirFormat:
    """A JSON file of one resource."""

    def open(self, data: bytes) -> "OpenedFhir":
        """Return the resource as one document; DeidError for what is none, or holds an attachment that is no text."""
        text = decoded(data)
        try:
            resource = json.loads(text.removeprefix(BOM))
        except (ValueError, RecursionError):  # its message would show text
            msg = "not a JSON file"
            raise DeidError(msg) from None
        if not isinstance(resource, dict) or "resourceType" not in resource:
            msg = "not a FHIR resource: it has no resourceType"
            raise DeidError(msg)
        return OpenedFhir(text, _patient(resource))


class OpenedFhir:
    """A resource and the slots in it that hold text."""

    def __init__(self, text: str, patient: str) -> None:
        self._text = text
        found = list(values(text))
        self._slots = [slot for slot in map(_slot, found) if slot]
        leaves = [leaf for slot in self._slots for leaf in slot.leaves]
        redacted = {slot.value.start for slot in self._slots}
        beside = [value.text for value in found if value.start not in redacted]
        markup = [unread_xhtml(slot.value.text) for slot in self._slots if slot.kind == "xhtml"]
        strange = [key for key in keys(text.removeprefix(BOM)) if not _ELEMENT.fullmatch(key)]
        self.documents = [
            Document(leaves, group=patient, beside=[Beside(text) for text in (*beside, *markup, *strange)])
        ]

    def written(self, redactions: Redactions) -> bytes:
        """Return the resource with the new texts, or nothing where it failed."""
        (leaves,) = redactions
        if leaves is None:
            return b""
        left = list(leaves)
        pieces: list[str] = []
        read = 0
        for slot in self._slots:
            new, left = left[: len(slot.leaves)], left[len(slot.leaves) :]
            if new != [leaf.text for leaf in slot.leaves]:
                start, text = _written(slot, new, self._text)
                pieces += self._text[read:start], text
                read = slot.value.end
        return _GONE_WITH_COMMA.sub("", "".join([*pieces, self._text[read:]])).encode("utf8")


@dataclass(frozen=True, slots=True)
class _Slot:
    """A value with text in it; kind: "text", "date", "xhtml" or "attachment"."""

    value: Value
    kind: str
    leaves: Sequence[Leaf]


def _slot(value: Value) -> _Slot | None:
    name = value.path[-1] if value.path else ""
    if not value.is_string or not value.text:
        return None
    date = _DATE.fullmatch(value.text)
    if date and name not in _table()["kept"]:
        return _Slot(value, "date", [Leaf(date[1], label="DATE")])
    if name == "div":
        return _Slot(value, "xhtml", read_xhtml(value.text))
    if name == "data":
        return _Slot(value, "attachment", [Leaf(_attached(value.text))])
    if name in _table()["kept"]:
        return None
    around = _table()["identifying_in"].get(value.path[-2] if len(value.path) > 1 else "", {})
    return _Slot(value, "text", [Leaf(value.text, label=around.get(name) or _table()["identifying"].get(name, ""))])


def _written(slot: _Slot, leaves: Sequence[str], text: str) -> tuple[int, str]:
    """Return where what is replaced begins, and what stands there."""
    value = slot.value
    old = text[value.start : value.end]
    if slot.kind == "xhtml":
        return value.start, quoted(written_xhtml(value.text, leaves), old)
    if slot.kind == "attachment":
        return value.start, quoted(base64.b64encode(leaves[0].encode("utf8")).decode("ascii"), old)
    if slot.kind == "text":
        return value.start, quoted(leaves[0], old)
    rest = value.text[len(slot.leaves[0].text) :]
    if _DATE.fullmatch(leaves[0]):
        # a time needs a whole day before it
        return value.start, quoted(leaves[0] + rest if leaves[0].count("-") == 2 else leaves[0], old)
    if value.key_start is None:
        return value.start, "null"
    extensions = f"_{value.path[-1]}"
    if extensions in value.keys:
        return value.key_start, _GONE
    return value.key_start, f"{json.dumps(extensions)}: {json.dumps(_ABSENT)}"


def _attached(data: str) -> str:
    try:
        return decoded(base64.b64decode(data, validate=True))
    except (ValueError, DeidError):
        msg = "it holds an attachment that is no text in UTF-8. Remedy: take it out"
        raise DeidError(msg) from None


def _patient(resource: dict[str, Any]) -> str:
    """Return what names the patient: its own id, or the reference to it; "" in a Bundle of several.

    Raises DeidError for a Bundle that is none.
    """
    if resource["resourceType"] == "Bundle":
        named = {_patient(entry) for entry in _entries(resource) if "resourceType" in entry}
        named.discard("")
        return named.pop() if len(named) == 1 else ""
    if resource["resourceType"] == "Patient":
        return f"Patient/{resource['id']}" if "id" in resource else ""
    about = resource.get("subject") or resource.get("patient")
    return str(about.get("reference") or "") if isinstance(about, dict) else ""


def _entries(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    entries = bundle.get("entry", [])
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        resources = [entry.get("resource", {}) for entry in entries]
        if all(isinstance(resource, dict) for resource in resources):
            return resources
    msg = "not a FHIR Bundle: its 'entry' must be a list of objects, and 'resource' in each of them an object"
    raise DeidError(msg)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("spacy_deid.apply.formats").joinpath("fhir.toml").read_text("utf8"))
