"""FHIR: a patient is one patient however referenced, and each entry of a Bundle belongs to its own patient."""

import json
from pathlib import Path
from typing import Any

import pytest
from fhir_files import about, bundle, pipeline, redacted

from spacy_deid.apply.formats.fhir import FhirFormat
from spacy_deid.apply.formats.fhir_patients import Patients

SV = pipeline("sv")


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Patient", "id": "p1"},
        about(reference="Patient/p1"),
        about(reference="https://x.example/fhir/Patient/p1"),
        about(reference="Patient/p1/_history/2"),
        about(reference="https://x.example/fhir/Patient/p1/_history/2"),
        about(reference="#p1") | {"contained": [{"resourceType": "Patient", "id": "p1"}]},
        {"resourceType": "Coverage", "beneficiary": {"reference": "Patient/p1"}},
        {"resourceType": "Task", "for": {"reference": "Patient/p1"}},
        {"resourceType": "Provenance", "target": [{"reference": "Patient/p1"}]},
        bundle({"resourceType": "Patient", "id": "p1"}, about(reference="Patient/p1/_history/3")),
        {
            "resourceType": "Bundle",
            "entry": [
                {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "p1"}},
                {"resource": about(reference="urn:uuid:1")},
            ],
        },
        bundle(
            {"resourceType": "Patient", "id": "p1", "identifier": [{"system": "s", "value": "19121212-1212"}]},
            about(identifier={"system": "s", "value": "191212121212"}),
            about(reference="Patient?identifier=s%7C191212121212"),
        ),
    ],
)
def test_a_patient_is_one_however_referenced(resource: dict[str, Any]) -> None:
    (document,) = FhirFormat().open(json.dumps(resource).encode()).documents
    assert document.group == "Patient/p1"
    assert {leaf.group for leaf in document.leaves} <= {"Patient/p1"}


@pytest.mark.parametrize("reference", ["Group/1", "Device/p1", "Practitioner/p1", "urn:uuid:1", "Patients/p1"])
def test_what_is_no_patient_is_none(reference: str) -> None:
    assert Patients(about(reference=reference)).of(()) == ""


DATED = {"effectiveDateTime": "2019-04-12", "note": [{"text": "Åsa kom"}]}


@pytest.mark.slow
def test_each_entry_of_a_bundle_of_several_patients_is_in_its_own_group(tmp_path: Path, key_file: str) -> None:
    """The date of a patient is shifted in the Bundle as it is in the patient's own files."""
    settings = {"policy": "surrogate", "scope": "patient", "key": key_file}
    alone = [
        json.loads(redacted(SV, tmp_path, about(reference=f"https://x/Patient/{id}") | DATED, **settings)[0])
        for id in ("p1", "p2")
    ]
    assert alone[0]["effectiveDateTime"] != alone[1]["effectiveDateTime"]
    together = bundle(*(about(reference=f"Patient/{id}") | DATED for id in ("p1", "p2", "p1")))
    written, reason = redacted(SV, tmp_path, together, **settings)
    assert reason == ""
    entries = [each["resource"] for each in json.loads(written)["entry"]]
    for element in ("effectiveDateTime", "note"):
        assert [each[element] for each in entries] == [alone[number][element] for number in (0, 1, 0)]


def test_one_failing_part_fails_the_bundle(tmp_path: Path, key_file: str) -> None:
    resource = bundle(about(reference="Patient/p1") | {"code": {"text": "Åsa"}}, about(reference="Patient/åsa"))
    resource["entry"].append({"resource": about(reference="Patient/p2") | {"status": "åsa"}})
    written, reason = redacted(SV, tmp_path, resource, scope="patient", key=key_file)
    assert written == ""
    assert reason


def test_names_of_one_entry_are_found_in_the_entries_of_other_patients(tmp_path: Path, key_file: str) -> None:
    doctor = {"resourceType": "Practitioner", "name": [{"family": "Okänd", "given": ["Ovanlig"]}]}
    notes = [about(reference=f"Patient/{id}") | {"note": [{"text": "Ovanlig Okänd ringer"}]} for id in ("p1", "p2")]
    written, reason = redacted(SV, tmp_path, bundle(doctor, *notes), scope="patient", key=key_file)
    assert reason == ""
    assert written.count("[NAME] ringer") == 2
