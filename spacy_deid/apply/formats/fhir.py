"""FHIR in JSON: a resource or a Bundle is one document; its free text is redacted, its markup and codes are kept.

The elements that identify by themselves (names, addresses, numbers of persons, dates) are redacted too: a value that
was removed from a narrative must not remain beside it. An element without a valid value, such as a masked date, is
replaced by FHIR's data-absent-reason, or by its own extensions.
"""

import json
import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from spacy_deid.apply.document import Beside, Document
from spacy_deid.apply.formats.fhir_elements import facts_of
from spacy_deid.apply.formats.fhir_links import Renamed
from spacy_deid.apply.formats.fhir_patients import Patients
from spacy_deid.apply.formats.fhir_slots import ELEMENT, FhirSlot, FileContext, kept, slot_of
from spacy_deid.apply.formats.json_strings import JsonValue, quoted, values
from spacy_deid.apply.formats.protocol import Redactions
from spacy_deid.apply.formats.text import decoded
from spacy_deid.errors import DeidError
from spacy_deid.files import BOM

_ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}
_GONE = "\0"  # in the place of a removed member; no JSON text has it
_GONE_WITH_COMMA = re.compile(rf"{_GONE}\s*,\s*|,\s*{_GONE}")


class FhirFormat:
    """A JSON file of one resource."""

    def open(self, data: bytes) -> "OpenedFhir":
        """Return the resource as one document; DeidError for other data.

        Raises DeidError, with the FHIR path, also for an element that can be neither read nor kept, such as an
        attachment that is not text.
        """
        text = decoded(data)
        names: dict[str, None] = {}
        try:
            resource = json.loads(text.removeprefix(BOM), object_pairs_hook=partial(_object, names=names))
        except (ValueError, RecursionError):  # its message may show text
            msg = "not a JSON file"
            raise DeidError(msg) from None
        if not isinstance(resource, dict) or "resourceType" not in resource:
            msg = "not a FHIR resource: it has no resourceType"
            raise DeidError(msg)
        return OpenedFhir(text, Patients(resource), [name for name in names if not ELEMENT.fullmatch(name)])


class OpenedFhir:
    """A resource and its slots that may change."""

    def __init__(self, text: str, patients: Patients, strange: Sequence[str]) -> None:
        """Read the slots of a resource.

        Args:
            text: The JSON text.
            patients: The patients of the resource.
            strange: The names of elements that are not FHIR's.
        """
        self._text = text
        found = list(values(text))
        facts = facts_of(found)
        slots = [(value, slot_of(value, facts)) for value in found]
        self._slots = [slot for _, slot in slots if slot]
        leaves = [leaf._replace(group=patients.of(slot.value.steps)) for slot in self._slots for leaf in slot.leaves]
        beside = [kept(value.text, value) for value, slot in slots if slot is None]
        beside += [each for slot in self._slots for each in slot.beside]
        beside += [Beside(name, "the name of an element") for name in strange]
        self.documents = [Document(leaves, group=patients.of(()), beside=beside)]

    def written(self, redactions: Redactions) -> bytes:
        """Return the resource with the new texts, or nothing if it failed."""
        (leaves,) = redactions
        if leaves is None:
            return b""
        left = iter(leaves)
        new = [(slot, [next(left) for _ in slot.leaves]) for slot in self._slots]
        context = FileContext(Renamed(self._text))
        pieces: list[str] = []
        read = 0
        for slot, text in _in_order([(slot, slot.write(texts, context)) for slot, texts in _attached_first(new)]):
            if text != slot.value.text:
                start, replaced = self._replaced(slot.value, text)
                pieces += self._text[read:start], replaced
                read = slot.value.end
        return _GONE_WITH_COMMA.sub("", "".join([*pieces, self._text[read:]])).encode("utf8")

    def _replaced(self, value: JsonValue, text: str | None) -> tuple[int, str]:
        """Return the start of the replaced characters, and their replacement."""
        if text is not None:
            old = self._text[value.start : value.end]
            return value.start, quoted(text, old) if value.is_string else text
        if value.key_start is None:
            return value.start, "null"
        extensions = f"_{value.steps[-1]}"
        if extensions in value.members:
            return value.key_start, _GONE
        return value.key_start, f"{json.dumps(extensions)}: {json.dumps(_ABSENT)}"


def _attached_first(new: list[tuple[FhirSlot, list[str]]]) -> list[tuple[FhirSlot, list[str]]]:
    return sorted(new, key=lambda each: not each[0].is_attached)


def _in_order(new: list[tuple[FhirSlot, str | None]]) -> list[tuple[FhirSlot, str | None]]:
    return sorted(new, key=lambda each: each[0].value.start)


def _object(members: list[tuple[str, Any]], names: dict[str, None]) -> dict[str, Any]:
    """Return an object, and add the names of its elements to ``names``."""
    made = dict(members)
    names.update(dict.fromkeys(made))
    if len(made) < len(members):
        msg = "an object has an element twice. Remedy: keep one of them"
        raise DeidError(msg)
    return made
