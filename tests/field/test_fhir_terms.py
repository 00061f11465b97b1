"""FHIR: the public term of a code is a clinical value and stays, even if the model takes it for a name.

The model is a stand-in that takes any word of `MISTAKEN` for a name. Persons and numbers are invented.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from fhir_files import pipeline, redacted

MISTAKEN = ("Vexolin", "Blood")
SV = pipeline("sv")
SV.get_pipe("entity_ruler").add_patterns([{"label": "NAME", "pattern": [{"ORTH": word}]} for word in MISTAKEN])  # type: ignore[attr-defined]
DISPLAY = "Vexolin [Mass/volume] in Blood"


def coded(display: str = DISPLAY, system: str = "http://loinc.org", **more: Any) -> dict[str, Any]:
    coding = {"system": system, "code": "718-7", "display": display, **more}
    return {"resourceType": "Observation", "code": {"coding": [coding]}}


def written(folder: Path, resource: dict[str, Any]) -> dict[str, Any]:
    text, reason = redacted(SV, folder, resource)
    assert reason == ""
    return dict(json.loads(text))


@pytest.mark.parametrize(
    "system",
    [
        "http://loinc.org",
        "https://loinc.org/",
        "http://snomed.info/sct",
        "http://snomed.info/sct/45991000052106/version/20230531",
        "http://unitsofmeasure.org",
        "http://hl7.org/fhir/observation-status",
        "http://hl7.org/fhir/sid/icd-10",
        "http://hl7.org/fhir/sid/icd-10-se",
        "http://hl7.org/fhir/sid/icd-9-cm",
        "http://hl7.org/fhir/sid/icpc-2",
        "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
        "http://www.whocc.no/atc",
        "http://www.nlm.nih.gov/research/umls/rxnorm",
        "https://dmd.nhs.uk",
        "http://npu-terminology.org",
        "http://electronichealth.se/id/kva",
        "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
        "http://www.cms.gov/Medicare/Coding/ICD10",
        "urn:oid:2.16.840.1.113883.6.1",
        "urn:oid:2.16.840.1.113883.6.96",
        "urn:oid:2.16.840.1.113883.5.83",
        "urn:oid:1.2.752.116.1.1.1.1.3",
        "urn:oid:1.2.752.129.2.2.2.1",
        "urn:oid:1.2.752.108.1",
        "urn:oid:2.16.724.4.21.5.29",
        "urn:oid:2.16.578.1.12.4.1.1.7170",
    ],
)
def test_what_a_public_vocabulary_calls_a_code_stays(tmp_path: Path, system: str) -> None:
    resource = coded(system=system)
    assert written(tmp_path, resource) == resource


@pytest.mark.parametrize(
    "resource",
    [
        coded(system="http://hospital.example/codes"),
        coded(system="http://loinc.org.example"),
        coded(system="http://example/http://loinc.org"),
        coded(system="urn:oid:1.2.752.129.2.1.3.1"),  # personnummer
        coded(system="urn:oid:2.16.840.1.113883.4.1"),  # social security number
        coded(system=""),
        coded(code=""),
        {"resourceType": "Observation", "subject": {"display": DISPLAY}},
        {"resourceType": "Observation", "subject": {"reference": "Patient/p1", "display": DISPLAY}},
        {"resourceType": "Observation", "code": {"coding": [{"system": "http://loinc.org", "display": DISPLAY}]}},
        {"resourceType": "Observation", "code": {"system": "http://loinc.org", "code": "1", "display": [DISPLAY]}},
    ],
)
def test_any_other_display_is_read(tmp_path: Path, resource: dict[str, Any]) -> None:
    assert "[NAME] [Mass/volume] in [NAME]" in json.dumps(written(tmp_path, resource))


def test_the_text_of_a_concept_that_repeats_its_display_stays_too(tmp_path: Path) -> None:
    resource = coded("Vexolin")
    resource["code"]["text"] = "Vexolin"
    assert written(tmp_path, resource) == resource
    resource["code"]["text"] = "Vexolin!"
    assert written(tmp_path, resource)["code"]["text"] == "[NAME]!"


@pytest.mark.parametrize(
    ("display", "text", "masked"),
    [
        (DISPLAY, f"Prov: {DISPLAY} 120 g/L, Zutana", f"Prov: {DISPLAY} 120 g/L, [NAME]"),
        ("Zutana", "Zutana kom", "[NAME] kom"),  # of one or two words, a term may be a person elsewhere
        ("Zutana Quiroga", "Zutana Quiroga kom", "[NAME] kom"),
    ],
)
def test_a_long_term_stays_in_other_text_too(tmp_path: Path, display: str, text: str, masked: str) -> None:
    assert written(tmp_path, coded(display) | {"note": [{"text": text}]})["note"][0]["text"] == masked


@pytest.mark.parametrize(
    ("display", "more", "masked"),
    [
        ("Zutana positiv", {"note": [{"text": "Zutana kom"}]}, "[NAME] positiv"),
        (DISPLAY, {"note": [{"text": "Blood kom"}]}, "[NAME] [Mass/volume] in [NAME]"),
        ("Ögonsten: Vexolin", {"name": [{"family": "Ögonsten"}]}, "[NAME]: [NAME]"),
        ("Blood 48213-B", {"identifier": [{"value": "48213-B"}]}, "[NAME] [ID]"),
        ("Blood 19121212-1212", {}, "[NAME] [ID]"),
        ("Blood, tel 070-1740605", {}, "[NAME], tel [PHONE]"),
        ("Zut&#97;na", {}, "[NAME]"),
        ("Zut<b>ana</b>", {}, "[NAME]<b></b>"),
    ],
    ids=["by the model", "word of it", "name", "number", "form", "phone", "reference", "markup"],
)
def test_what_is_redacted_elsewhere_or_found_by_rules_is_redacted_in_a_term_too(
    tmp_path: Path, display: str, more: dict[str, Any], masked: str
) -> None:
    """No value survives in a term, and no resource fails since the model takes a word of one for a name."""
    assert written(tmp_path, coded(display) | more)["code"]["coding"][0]["display"] == masked
