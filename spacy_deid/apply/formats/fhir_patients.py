"""The patients of a FHIR resource: each patient has one name here, in whatever way the resource refers to them.

``Patient/p1``, ``https://host/fhir/Patient/p1``, ``Patient/p1/_history/2``, the ``urn:uuid`` of the Bundle's entry and
a contained ``#p1`` are the same patient.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from spacy_deid.apply.formats.fhir_elements import table
from spacy_deid.errors import DeidError

_PATIENT = re.compile(r"(?:^|/)Patient/(?P<id>[^/|#?]+)(?:/_history/[^/|#?]*)?(?:[|#].*)?$")
_SEARCHED = re.compile(r"(?:^|/)Patient\?(?:[^&]*&)*?identifier=(?P<token>[^&]+)")

Resource = dict[str, Any]


class Patients:
    """The patients of a resource; raises DeidError for a malformed Bundle."""

    def __init__(self, resource: Resource) -> None:
        self._names: dict[str, str] = {}  # other references to a patient -> name: a fullUrl, an identifier
        entries = _entries(resource) if resource["resourceType"] == "Bundle" else []
        for url, patient in [("", resource), *entries]:
            self._learn(url, patient)
        self._of_entry = [self._of(entry) for _, entry in entries]
        named = sorted({*self._of_entry} - {""}) if entries else [self._of(resource)]
        self._one = named[0] if len(named) == 1 else ""
        self._are_several = len(named) > 1

    def of(self, steps: Sequence[str | int]) -> str:
        """Return the patient of the value at ``steps``, by its entry in a Bundle of several patients; "" for none."""
        if self._are_several and len(steps) > 1 and steps[0] == "entry" and isinstance(steps[1], int):
            return self._of_entry[steps[1]]
        return self._one

    def _learn(self, url: str, patient: Resource) -> None:
        if patient.get("resourceType") != "Patient":
            return
        identifiers = [each for each in _list(patient.get("identifier")) if _token(each)]
        name = f"Patient/{patient['id']}" if "id" in patient else url or "".join(map(_token, identifiers[:1]))
        self._names.update({url: name} if url else {}, **{_token(each): name for each in identifiers})

    def _of(self, resource: Resource) -> str:
        kind = resource.get("resourceType")
        if kind == "Patient":
            return f"Patient/{resource['id']}" if "id" in resource else next(iter(self._found(resource)), "")
        for element in table()["patient"] if kind != "Bundle" else ():
            for about in _list(resource.get(element)):
                if name := self._referred(about, resource):
                    return name
        named = {name for about in _objects(resource) if (name := self._referred(about, resource))}
        return named.pop() if len(named) == 1 else ""

    def _found(self, patient: Resource) -> Iterator[str]:
        return (
            self._names.get(_token(each), _token(each)) for each in _list(patient.get("identifier")) if _token(each)
        )

    def _referred(self, about: Any, resource: Resource) -> str:
        """Return the patient of a Reference, "" for anything else."""
        if not isinstance(about, dict):
            return ""
        reference = about.get("reference")
        if not isinstance(reference, str):
            token = _token(about.get("identifier"))
            return self._names.get(token, token if about.get("type") in ("Patient", None) else "") if token else ""
        if reference.startswith("#"):
            return self._contained(reference[1:], resource)
        if reference in self._names:
            return self._names[reference]
        if patient := _PATIENT.search(reference):
            return f"Patient/{patient['id']}"
        if searched := _SEARCHED.search(reference):
            token = _compact(unquote(searched["token"]))
            return self._names.get(token, token)
        return ""

    def _contained(self, id: str, resource: Resource) -> str:
        for each in _list(resource.get("contained")):
            if isinstance(each, dict) and each.get("resourceType") == "Patient" and each.get("id") == id:
                return next(self._found(each), f"Patient/{id}")
        return ""


def _entries(bundle: Resource) -> list[tuple[str, Resource]]:
    """Return the resources of a Bundle, each with its fullUrl."""
    entries = bundle.get("entry", [])
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        resources = [entry.get("resource", {}) for entry in entries]
        if all(isinstance(resource, dict) for resource in resources):
            return [(str(entry.get("fullUrl", "")), each) for entry, each in zip(entries, resources, strict=True)]
    msg = "not a FHIR Bundle: its 'entry' must be a list of objects, and 'resource' in each of them an object"
    raise DeidError(msg)


def _objects(value: Any) -> Iterator[Resource]:
    """Yield the objects in a value, itself among them."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(each)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _token(identifier: Any) -> str:
    """Return system and value of an Identifier as a search has them, "" where it has no value."""
    if not isinstance(identifier, dict) or not identifier.get("value"):
        return ""
    return _compact(f"{identifier.get('system', '')}|{identifier['value']}")


def _compact(token: str) -> str:
    system, _, value = token.rpartition("|")
    return f"{system}|{''.join(filter(str.isalnum, value)).casefold()}"
