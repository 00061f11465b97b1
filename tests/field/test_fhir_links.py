"""FHIR: numbers of persons in ids, references and URLs are replaced, and references still lead to their resource."""

import json
from pathlib import Path
from typing import Any

import pytest
from fhir_files import about, bundle, pipeline, redacted

SV = pipeline("sv")
PERSON = "191212121212"


@pytest.mark.parametrize(
    ("link", "masked"),
    [
        ({"id": PERSON}, {"id": "masked-1"}),
        ({"id": "19121212-1212"}, {"id": "masked-1"}),
        ({"id": "pat191212121212"}, {"id": "patmasked-1"}),
        ({"subject": {"reference": f"Patient/{PERSON}"}}, {"subject": {"reference": "Patient/masked-1"}}),
        ({"subject": {"reference": f"#{PERSON}"}}, {"subject": {"reference": "#masked-1"}}),
        (
            {"subject": {"reference": f"https://x.example/R4/Patient/{PERSON}/_history/2"}},
            {"subject": {"reference": "https://x.example/R4/Patient/masked-1/_history/2"}},
        ),
        (
            {"subject": {"reference": "Patient?identifier=urn:oid:1.2.752.129.2.1.3.1|19121212-1212"}},
            {"subject": {"reference": "Patient?identifier=urn:oid:1.2.752.129.2.1.3.1|masked-1"}},
        ),
        (
            {"subject": {"reference": "Patient?identifier=urn%3Aoid%3A1.2%7C19121212%2D1212&x=1"}},
            {"subject": {"reference": "Patient?identifier=urn%3Aoid%3A1.2%7Cmasked-1&x=1"}},
        ),
        (
            {"content": {"url": f"https://x.example/Binary/{PERSON}-2.pdf"}},
            {"content": {"url": "https://x.example/Binary/masked-1-2.pdf"}},
        ),
        ({"valueUri": f"urn:personnummer:{PERSON}"}, {"valueUri": "urn:personnummer:masked-1"}),
        ({"valueUri": f"urn:oid:1.2.752.97.{PERSON}"}, {"valueUri": "urn:oid:1.2.752.97.900000000001"}),
        (
            {"valueUuid": f"urn:uuid:a7c07012-3456-4def-8234-{PERSON}"},
            {"valueUuid": "urn:uuid:a7c07012-3456-4def-8234-900000000001"},
        ),
        ({"instantiatesCanonical": [f"http://x/{PERSON}|1.0"]}, {"instantiatesCanonical": ["http://x/masked-1|1.0"]}),
        ({"identifier": [{"system": f"http://x/{PERSON}"}]}, {"identifier": [{"system": "http://x/masked-1"}]}),
        ({"meta": {"profile": [f"http://x/{PERSON}"]}}, {"meta": {"profile": ["http://x/masked-1"]}}),
        ({"extension": [{"url": f"http://x/{PERSON}"}]}, {"extension": [{"url": "http://x/masked-1"}]}),
        # what an address says itself
        ({"valueUrl": "tel:+46701740605"}, {"valueUrl": "tel:[PHONE]"}),
        ({"valueUri": "mailto:zz@x.example"}, {"valueUri": "mailto:[EMAIL]"}),
        (
            {"link": [{"url": "https://x/Patient?family:exact=%C3%96vlig&birthdate=ge1912-12-12&_count=10"}]},
            {"link": [{"url": "https://x/Patient?family:exact=[NAME]&birthdate=[DATE]&_count=10"}]},
        ),
        ({"valueUri": f"https://x/Patient?name={PERSON}"}, {"valueUri": "https://x/Patient?name=[NAME]"}),
        # coordination and reserve numbers, an id of staff; Spanish numbers, though the pipeline is Swedish
        ({"id": "850472-1237"}, {"id": "masked-1"}),
        ({"id": "19850412-T123"}, {"id": "masked-1"}),
        ({"id": "SE2321000016-1A2B"}, {"id": "masked-1-1A2B"}),
        ({"id": "12345678Z"}, {"id": "masked-1"}),
        ({"id": "12345678z"}, {"id": "masked-1"}),
        ({"id": "X1234567L"}, {"id": "masked-1"}),
        # what is no number of anybody
        ({"id": "191212121213"}, None),
        ({"id": "p1"}, None),
        ({"id": "a7c07012-3456-4def-8234-56789abcdef0"}, None),
        ({"id": "64acf0d2b1e7c9a3f5d8e012"}, None),
        ({"valueOid": "urn:oid:1.2.752.129.2.1.3.1"}, None),
        ({"valueUri": "http://snomed.info/sct/45991000052106/version/20230531"}, None),
        ({"valueCanonical": "http://terminology.hl7.org/CodeSystem/v3-ActCode|2018-08-12"}, None),
    ],
)
def test_numbers_of_persons_in_ids_references_and_urls_are_replaced(
    tmp_path: Path, link: dict[str, Any], masked: dict[str, Any] | None
) -> None:
    written, reason = redacted(SV, tmp_path, {"resourceType": "Basic", **link})
    assert reason == ""
    assert json.loads(written) == {"resourceType": "Basic", **(link if masked is None else masked)}


@pytest.mark.parametrize("policy", ["mask", "index", "surrogate"])
def test_references_hold_after_their_ids_are_replaced(tmp_path: Path, key_file: str, policy: str) -> None:
    """In every policy two persons stay two, and each reference leads to the same resource as before."""
    other = "198504122386"
    resource = bundle(
        {"resourceType": "Patient", "id": PERSON},
        {"resourceType": "Patient", "id": other, "link": [{"other": {"reference": f"Patient/{PERSON}"}}]},
        {"resourceType": "Observation", "subject": {"reference": f"https://x/Patient/{PERSON}/_history/2"}},
        {"resourceType": "Observation", "subject": {"reference": f"Patient/{other}"}},
    )
    resource["entry"][0]["fullUrl"] = f"https://x/Patient/{PERSON}"
    written, reason = redacted(SV, tmp_path, resource, policy=policy, key=key_file)
    assert reason == ""
    assert PERSON not in written
    assert other not in written
    entries = json.loads(written)["entry"]
    first, second = (each["resource"]["id"] for each in entries[:2])
    assert first != second
    assert entries[0]["fullUrl"] == f"https://x/Patient/{first}"
    assert entries[1]["resource"]["link"][0]["other"]["reference"] == f"Patient/{first}"
    assert entries[2]["resource"]["subject"]["reference"] == f"https://x/Patient/{first}/_history/2"
    assert entries[3]["resource"]["subject"]["reference"] == f"Patient/{second}"


def test_references_hold_between_files_with_a_key_and_a_scope(tmp_path: Path, key_file: str) -> None:
    settings = {"policy": "surrogate", "scope": "patient", "key": key_file}
    patient, _ = redacted(SV, tmp_path, {"resourceType": "Patient", "id": PERSON}, **settings)
    visit, _ = redacted(SV, tmp_path, about(reference=f"https://x/Patient/{PERSON}/_history/2"), **settings)
    id = json.loads(patient)["id"]
    assert id != PERSON
    assert json.loads(visit)["subject"]["reference"] == f"https://x/Patient/{id}/_history/2"


def test_a_patients_own_number_is_replaced_where_an_id_repeats_it(tmp_path: Path) -> None:
    """No check digit is needed: the resource itself says that it is somebody's."""
    patient = {"resourceType": "Patient", "id": "mrn-48213", "identifier": [{"system": "urn:x", "value": "48213"}]}
    visit = {"resourceType": "Encounter", "id": "e48213", "subject": {"reference": "Patient/mrn-48213"}}
    written, reason = redacted(SV, tmp_path, bundle(patient, visit))
    assert reason == ""
    ids = [each["resource"] for each in json.loads(written)["entry"]]
    assert ids[0]["id"] == "mrn-masked-1"
    assert ids[1]["subject"]["reference"] == "Patient/mrn-masked-1"
    assert ids[1]["id"] == "emasked-1"


def test_a_new_number_is_none_that_stands_there_already(tmp_path: Path) -> None:
    written, _ = redacted(SV, tmp_path, {"resourceType": "Basic", "id": PERSON, "valueId": "masked-1"})
    assert json.loads(written)["id"] == "masked-2"


def test_redacted_again_a_resource_stays_as_it_is(tmp_path: Path) -> None:
    once, _ = redacted(SV, tmp_path, {"resourceType": "Patient", "id": PERSON, "birthDate": "1912-12-12"})
    assert redacted(SV, tmp_path, json.loads(once))[0] == once
