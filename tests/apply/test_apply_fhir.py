"""FHIR resources: narrative and fields are redacted, markup, codes and numbers stay."""

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.apply.formats.fhir import FhirFormat
from spacy_deid.apply.formats.xhtml import read_xhtml, written_xhtml

NARRATIVE = '<div xmlns="http://www.w3.org/1999/xhtml"><p title="Bo">Zut<b>ana</b> &amp; <i>Bo</i></p><!-- Bo --></div>'
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "text": {"status": "generated", "div": NARRATIVE},
    "identifier": [{"system": "urn:x", "value": "19780412-1234"}],
    "name": [{"family": "Okänd", "given": ["Ovanlig"]}],
    "telecom": [{"system": "phone", "value": "070-1740605"}],
    "birthDate": "1978-04-12",
    "gender": "female",
}
OBSERVATION = {
    "resourceType": "Observation",
    "status": "final",
    "subject": {"reference": "Patient/p1", "display": "Ovanlig Okänd"},
    "effectiveDateTime": "2023-04-12T10:00:00+02:00",
    "valueQuantity": {"value": 1.50, "unit": "mg"},
    "note": [{"text": "Bo mår bra"}],
}


def test_fhir_keeps_markup_codes_and_numbers(applied, nlp, source):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"resource": OBSERVATION}]}
    (source / "a.json").write_text(json.dumps(bundle, indent=1).replace("1.5,", "1.50,"), "utf8")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    written = applied("a.json").decode("utf8")
    patient, observation = (entry["resource"] for entry in json.loads(written)["entry"])
    masked = NARRATIVE.replace("Zut<b>ana", "[NAME]<b>").replace("Bo", "[NAME]")
    assert patient["text"]["div"] == masked
    assert patient["identifier"] == [{"system": "urn:x", "value": "[ID]"}]
    assert patient["name"] == [{"family": "[NAME]", "given": ["[NAME]"]}]
    assert (patient["id"], patient["gender"]) == ("p1", "female")
    assert "birthDate" not in patient
    assert patient["_birthDate"]["extension"][0]["valueCode"] == "masked"
    assert observation["note"] == [{"text": "[NAME] mår bra"}]
    # what the record says of the patient is found in free text, which the pipeline alone would miss
    assert observation["subject"] == {"reference": "Patient/p1", "display": "[NAME]"}
    assert '"value": 1.50' in written


def test_fhir_dates_that_are_shifted_stay_dates(applied, source, key_file):
    # without rules nothing finds in free text what the record says, and the survival check would stop it
    resource = PATIENT | OBSERVATION | {"subject": {"reference": "Patient/p1"}}
    (source / "a.json").write_text(json.dumps(resource), "utf8")
    written = json.loads(applied("a.json", policy="surrogate", key=key_file))
    assert written["effectiveDateTime"].endswith("T10:00:00+02:00")
    assert written["effectiveDateTime"][:10] != "2023-04-12"
    assert written["birthDate"] != "1978-04-12"


def test_fhir_attachments_of_text_are_read(applied, source):
    data = base64.b64encode("Zutana mår bra".encode()).decode()
    resource = {"resourceType": "DocumentReference", "content": [{"attachment": {"data": data}}]}
    (source / "a.json").write_text(json.dumps(resource), "utf8")
    written = json.loads(applied("a.json"))
    assert base64.b64decode(written["content"][0]["attachment"]["data"]).decode() == "[NAME] mår bra"


@given(
    words=st.lists(st.sampled_from(["<p>", "</p>", "<b>", "</b>", "<br/>", "å &amp; ", "x", '<a href="y">', "&lt;"]))
)
def test_markup_that_is_not_changed_stays(words):
    markup = "".join(words)
    assert written_xhtml(markup, [leaf.text for leaf in read_xhtml(markup)]) == markup


def test_nothing_to_redact_changes_no_byte():
    data = json.dumps(PATIENT).encode()
    opened = FhirFormat().open(data)
    assert opened.written([[leaf.text for leaf in document.leaves] for document in opened.documents]) == data
