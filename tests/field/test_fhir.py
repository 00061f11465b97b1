"""FHIR resources: every string is read, kept by an allow-list or searched, and no clinical value is changed.

A table for each promise. Persons, numbers and words are invented.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from fhir_files import pipeline, redacted

from spacy_deid.apply.formats.fhir import FhirFormat
from spacy_deid.errors import DeidError

SV = pipeline("sv")
PERSON = "191212121212"


# --- every string is read, kept or searched


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


# --- a value of four digits is not a year


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


# --- an entity ends with its element


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
