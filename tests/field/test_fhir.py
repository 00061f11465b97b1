"""FHIR resources: every string is read, kept by an allow-list or searched, and nothing that is a value is changed.

A table for each promise. Persons, numbers and words are invented.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from fhir_files import pipeline, redacted

from spacy_deid.apply.formats.fhir import FhirFormat
from spacy_deid.apply.formats.fhir_patients import Patients
from spacy_deid.errors import DeidError

SV = pipeline("sv")


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "deid.key"
    path.write_text("5e" * 32, "ascii")
    return str(path)


# -------------------------------------------------- numbers of persons in ids, references and URLs are replaced

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


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in resources]}


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


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        ({"valueQuantity": {"value": 191212121212}}, "valueQuantity.value"),
        ({"contained": [{"x": [1, 191212121212]}]}, "contained[0].x[1]"),
        ({"Anna Ek": 191212121212}, "?"),
        ({"item": [{"answer": [{"valueUri": "data:text/plain;base64,WnV0YW5h"}]}]}, "item[0].answer[0].valueUri"),
        ({"note": [{"text": "WnV0YW5hIG3DpXIgYnJhIGlkYWc="}]}, "note[0].text"),
        ({"text": {"div": "<!DOCTYPE x [<!ENTITY a 'Zutana'>]><div>&a;</div>"}}, "text.div"),
    ],
)
def test_what_is_neither_read_nor_kept_is_refused_with_its_path(
    tmp_path: Path, resource: dict[str, Any], place: str
) -> None:
    written, reason = redacted(SV, tmp_path, {"resourceType": "Basic", **resource})
    assert written == ""
    assert reason.startswith(f"{place}: ")
    assert "Remedy: " in reason
    assert not any(secret in reason for secret in (PERSON, "Zutana", "Anna"))


# ------------------------------------------------------------------- a value is no date because it has four digits


@pytest.mark.parametrize(
    "value",
    [
        {"valueString": "1500"},
        {"valueString": "2000"},
        {"note": [{"text": "1850"}]},
        {"valueQuantity": {"value": 2000, "unit": "ml"}},
        {"valueQuantity": {"value": 1.50}},
        {"valueInteger": 1957},
        {"component": [{"valueString": "1999"}]},
        {"valueString": "< 12.04"},
        {"item": [{"linkId": "1.1", "answer": [{"valueString": "1750"}]}]},
        {"valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "2023"}]}},
        {"valueRange": {"low": {"value": 1900}, "high": {"value": 2100}}},
    ],
)
@pytest.mark.parametrize("policy", ["mask", "surrogate"])
def test_four_digits_in_a_value_are_no_year(tmp_path: Path, key_file: str, value: dict[str, Any], policy: str) -> None:
    resource = {"resourceType": "Observation", "birthDate": "1961-03-02", **value}
    written, reason = redacted(SV, tmp_path, resource, policy=policy, key=key_file)
    assert reason == ""
    assert {name: json.loads(written)[name] for name in value} == value


@pytest.mark.parametrize(
    "path",
    [
        "birthDate",
        "effectiveDateTime",
        "issued",
        "authoredOn",
        "recordedDate",
        "occurrenceDateTime",
        "started",
        "valueDate",
    ],
)
@pytest.mark.parametrize("date", ["1957", "2019-04", "2019-04-12", "2019-04-12T10:00:00Z"])
def test_dates_of_every_length_are_redacted_in_elements_that_are_dates(tmp_path: Path, path: str, date: str) -> None:
    written, reason = redacted(SV, tmp_path, {"resourceType": "Basic", path: date})
    assert reason == ""
    assert path not in json.loads(written)
    assert json.loads(written)[f"_{path}"]["extension"][0]["valueCode"] == "masked"


@pytest.mark.parametrize("date", ["12 april 1978", "19780412", "1978-04-12 10:00", "April 1978"])
def test_what_is_no_fhir_date_is_redacted_where_a_date_belongs(tmp_path: Path, date: str) -> None:
    written, _ = redacted(SV, tmp_path, {"resourceType": "Patient", "birthDate": date})
    assert json.loads(written)["birthDate"] == "[DATE]"


def test_a_whole_date_is_one_in_any_text(tmp_path: Path) -> None:
    written, _ = redacted(SV, tmp_path, {"resourceType": "Basic", "valueString": "2019-04-12"})
    assert json.loads(written)["valueString"] == "[DATE]"


# -------------------------------------------------------------------------------- one patient however referenced


def about(**subject: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "subject": subject}


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


# ------------------------------------------------------------------------------- entities end with their element


def test_an_entity_over_two_elements_leaves_none_of_them_empty(tmp_path: Path) -> None:
    nlp = pipeline()
    nlp.remove_pipe("deid_rules")
    nlp.remove_pipe("deid_merge")
    over_two = [{"ORTH": "Zutana"}, {"IS_SPACE": True}, {"ORTH": "Quiroga"}]
    nlp.get_pipe("entity_ruler").add_patterns([{"label": "NAME", "pattern": over_two}])  # type: ignore[attr-defined]
    resource = {"resourceType": "Basic", "item": [{"valueString": "Zutana"}, {"valueString": "Quiroga"}]}
    written, reason = redacted(nlp, tmp_path, resource)
    assert reason == ""
    assert json.loads(written)["item"] == [{"valueString": "[NAME]"}, {"valueString": "[NAME]"}]


# ----------------------------------------------------------------------- every string is read, kept or searched


@pytest.mark.parametrize(
    ("resource", "masked"),
    [
        ({"extension": [{"url": "http://x/y", "valueString": "Zutana"}]}, "[NAME]"),
        ({"extension": [{"url": "http://x/y", "valueHumanName": {"family": "Ovanlig", "given": ["Okänd"]}}]}, "[NAME]"),
        ({"extension": [{"url": "http://x/y", "valueHumanName": {"text": "Ovanlig"}}]}, "[NAME]"),
        (
            {"extension": [{"url": "http://x/y", "valueAddress": {"line": ["Okändgatan"], "state": "Ovan"}}]},
            "[LOCATION]",
        ),
        ({"extension": [{"url": "http://x/y", "valueContactPoint": {"system": "phone", "value": "5512"}}]}, "[PHONE]"),
        ({"extension": [{"url": "http://x/y", "valueIdentifier": {"value": "AB"}}]}, "[ID]"),
        ({"telecom": [{"system": "email", "value": "zz@x.example"}]}, "[EMAIL]"),
        ({"extension": [{"url": "http://hl7.org/x/patient-mothersMaidenName", "valueString": "Ovanlig"}]}, "[NAME]"),
        ({"_family": {"extension": [{"url": "http://x/y", "valueString": "Ovanlig"}]}}, "[NAME]"),
        ({"_birthDate": {"extension": [{"url": "http://x/y", "valueString": "Zutana"}]}}, "[NAME]"),
        ({"contained": [{"resourceType": "Patient", "text": {"div": "<div>Zut<b>ana</b></div>"}}]}, "[NAME]"),
        ({"item": [{"answer": [{"valueString": "Zutana"}]}]}, "[NAME]"),
        ({"component": [{"valueString": "Zutana"}]}, "[NAME]"),
        ({"agent": [{"who": {"display": "Zutana"}}]}, "[NAME]"),
        ({"code": {"coding": [{"system": "http://x", "code": "1", "display": "Zutana"}]}}, "[NAME]"),
        ({"meta": {"tag": [{"display": "Zutana"}]}}, "[NAME]"),
        ({"accessionIdentifier": {"value": "AB"}}, "[ID]"),
        ({"serialNumber": "AB"}, "[ID]"),
        ({"udiCarrier": [{"carrierHRF": "AB"}]}, "[ID]"),
        ({"reference": "Zutana kom hit"}, "[NAME] kom hit"),
        ({"status": "Zutana kom hit"}, "[NAME] kom hit"),
        ({"code": {"coding": [{"code": "Zutana Quiroga"}]}}, "[NAME]"),
        ({"note": [{"text": "Zut<b>ana</b> &amp; x"}]}, "[NAME]<b></b> &amp; x"),
        ({"name": [{"family": "&Aring;berg"}]}, "[NAME]"),
        ({"valueString": "&Aring;sa"}, "[NAME]"),
        ({"valueString": "&amp;Aring;sa"}, "[NAME]"),
    ],
)
def test_text_in_any_element_is_read(tmp_path: Path, resource: dict[str, Any], masked: str) -> None:
    written, reason = redacted(SV, tmp_path, {"resourceType": "Basic", **resource})
    assert reason == ""
    assert json.dumps(masked) in written or f">{masked}<" in written
    assert not any(name in written for name in ("Zut", "Ovan", "Okänd", "&Aring", '"AB"', "5512"))


@pytest.mark.parametrize(
    "resource",
    [
        {"id": "zutana"},
        {"fullUrl": "http://x.example/Zutana"},
        {"subject": {"reference": "Patient/zutana"}},
        {"code": {"coding": [{"code": "Zutana"}]}},
        {"meta": {"tag": [{"system": "Zutana"}]}},
        {"content": {"url": "http://x.example/%5Autana"}},
        {"extension": [{"url": "Zutana"}]},
        {"Zutana": 1},
        {"text": {"div": "<div class='Zutana'/>"}},
    ],
)
def test_a_name_in_what_is_kept_fails_the_resource(tmp_path: Path, resource: dict[str, Any]) -> None:
    resource = {"resourceType": "Basic", "note": [{"text": "Zutana kom"}], **resource}
    written, reason = redacted(SV, tmp_path, resource)
    assert written == ""
    assert reason
    assert "utana" not in reason


def test_what_is_searched_has_its_path() -> None:
    resource = {
        "resourceType": "Basic",
        "meta": {"tag": [{"code": "a"}]},
        "contained": [{"id": "b", "Å E": [{"id": "c"}]}],
    }
    (document,) = FhirFormat().open(json.dumps(resource).encode()).documents
    places = {each.text: each.place for each in document.beside}
    assert places["a"] == "meta.tag[0].code"
    assert places["b"] == "contained[0].id"
    assert places["c"] == "contained[0].?[0].id"
    assert places["Å E"] == "the name of an element"


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Location", "position": {"longitude": 15.62, "latitude": 60.60}},
        {
            "resourceType": "Location",
            "extension": [
                {"url": "latitude", "valueDecimal": 60.60},
                {"url": "longitude", "valueDecimal": 15.62},
            ],
        },
    ],
)
def test_coordinates_are_removed(tmp_path: Path, resource: dict[str, Any]) -> None:
    written, reason = redacted(SV, tmp_path, resource)
    assert reason == ""
    assert "15.62" not in written
    assert "60.6" not in written
    assert written.count('"masked"') == 2


def test_an_element_twice_is_refused() -> None:
    with pytest.raises(DeidError, match="twice"):
        FhirFormat().open(b'{"resourceType": "Basic", "contentType": "a", "contentType": "b"}')


def test_what_is_not_redacted_stays_byte_by_byte() -> None:
    """Numbers keep their form, null and the order stay."""
    text = (
        '{"resourceType":"Basic", "x": [1.50, -0, 1e3, null],\n "valueString" : "Hb \\u00e5 &lt; 5", "b": {}, "a": []}'
    )
    opened = FhirFormat().open(text.encode())
    assert opened.written([[leaf.text for leaf in opened.documents[0].leaves]]) == text.encode()
