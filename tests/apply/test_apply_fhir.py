"""FHIR resources: narrative and fields are redacted, markup, codes and numbers stay."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.apply.formats.fhir import FhirFormat
from spacy_deid.apply.formats.hypertext import Hypertext
from spacy_deid.apply.run import apply
from spacy_deid.apply.unit import SURVIVES

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


EXTENSIONS = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime", "valueTime": "10:00"}]}


@pytest.mark.parametrize(
    ("resource", "masked"),
    [
        ({"birthDate": "1978-04-12", "_birthDate": EXTENSIONS}, {"_birthDate": EXTENSIONS}),
        ({"_birthDate": EXTENSIONS, "birthDate": "1978-04-12"}, {"_birthDate": EXTENSIONS}),
        (
            {"period": {"start": "2023-04-12", "end": "2023-04-13", "_start": EXTENSIONS, "_end": EXTENSIONS}},
            {"period": {"_start": EXTENSIONS, "_end": EXTENSIONS}},
        ),
        (
            {"period": {"_start": EXTENSIONS, "_end": EXTENSIONS, "start": "2023-04-12", "end": "2023-04-13"}, "x": 1},
            {"period": {"_start": EXTENSIONS, "_end": EXTENSIONS}, "x": 1},
        ),
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_a_masked_date_leaves_its_extensions_and_no_key_twice(applied, source, resource, masked, indent):
    (source / "a.json").write_text(json.dumps({"resourceType": "Basic", **resource}, indent=indent), "utf8")
    read = json.loads(applied("a.json"), object_pairs_hook=lambda members: members)
    assert read == json.loads(
        json.dumps({"resourceType": "Basic", **masked}), object_pairs_hook=lambda members: members
    )


def test_fhir_attachments_of_text_are_read(applied, source):
    data = base64.b64encode("Zutana mår bra".encode()).decode()
    resource = {"resourceType": "DocumentReference", "content": [{"attachment": {"data": data}}]}
    (source / "a.json").write_text(json.dumps(resource), "utf8")
    written = json.loads(applied("a.json"))
    assert base64.b64decode(written["content"][0]["attachment"]["data"]).decode() == "[NAME] mår bra"


@pytest.mark.parametrize(
    ("markup", "masked"),
    [
        ("<div><![CDATA[a < b & Zutana]]></div>", "<div>a &lt; b &amp; [NAME]</div>"),
        ('<div><IMG ALT="Zutana"/></div>', '<div><IMG ALT="[NAME]"/></div>'),
        ("<div><p Title='Zutana'>x</p></div>", '<div><p Title="[NAME]">x</p></div>'),
        ("<div><p title=Zutana>x</p></div>", '<div><p title="[NAME]">x</p></div>'),
        ("<div class='title=x'>Zutana</div>", "<div class='title=x'>[NAME]</div>"),
        ('<div data-x="Zut&#97;na">x</div>', '<div data-x="[NAME]">x</div>'),
    ],
)
def test_text_in_any_place_of_a_narrative_is_read(applied, source, markup, masked):
    (source / "a.json").write_text(json.dumps({"resourceType": "Basic", "text": {"div": markup}}), "utf8")
    assert json.loads(applied("a.json"))["text"]["div"] == masked


@pytest.mark.parametrize(
    "markup",
    [
        '<div id="Zutana"></div>',
        "<div><p CLASS=zutana>x</p></div>",
        '<div style="Zut&#97;na"></div>',
        "<div><?Zutana?></div>",
        "<!DOCTYPE Zutana><div/>",
        "<div><Zutana/></div>",
    ],
)
def test_what_survives_in_the_markup_of_a_narrative_fails_the_resource(nlp, source, tmp_path, markup):
    resource = {"resourceType": "Basic", "text": {"div": markup}, "note": "Zutana kom"}
    (source / "a.json").write_text(json.dumps(resource), "utf8")
    summary = apply(nlp, source / "a.json", tmp_path / "a.json", quiet=True)
    assert [each.reason.split(":")[0] for each in summary.failed] == [SURVIVES]


@pytest.mark.parametrize(
    "value", [{"birthDate": "1999"}, {"family": "Li"}, {"family": "Lang"}, {"family": "Small"}, {"family": "Strong"}]
)
def test_words_of_xhtml_name_nobody(applied, source, value):
    markup = '<div xmlns="http://www.w3.org/1999/xhtml" lang="sv"><li><small/><strong>a</strong></li></div>'
    (source / "a.json").write_text(json.dumps({"resourceType": "Basic", "text": {"div": markup}, **value}), "utf8")
    assert json.loads(applied("a.json"))["text"]["div"] == markup


@given(
    words=st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<b>", "</b>", "<br/>", "å &amp; ", "x", '<a href="y">', "&lt;", "<![CDATA[&]]>"]
        )
    )
)
def test_markup_that_is_not_changed_stays(words):
    markup = "".join(words)
    read = Hypertext(markup)
    assert read.written([leaf.text for leaf in read.leaves]) == markup


@pytest.mark.parametrize(("key", "is_checked"), [("Bo Ek", True), ("Bo", True), ("line", False), ("_birthDate", False)])
def test_keys_that_are_no_elements_are_checked(key, is_checked):
    (document,) = FhirFormat().open(json.dumps({"resourceType": "Basic", "x": [{key: True}]}).encode()).documents
    assert (key in {each.text for each in document.beside}) == is_checked


def test_nothing_to_redact_changes_no_byte():
    data = json.dumps(PATIENT).encode()
    opened = FhirFormat().open(data)
    assert opened.written([[leaf.text for leaf in document.leaves] for document in opened.documents]) == data
