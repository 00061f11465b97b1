"""FHIR elements with a code of a fixed list are not text: no model reads "tue", and no "[NAME]" replaces it."""

import json
from pathlib import Path

import pytest
from fhir_files import pipeline, redacted

from spacy_deid.apply.formats.fhir import FhirFormat

SV = pipeline("sv")


@pytest.mark.parametrize(
    "codes",
    [
        {"resourceType": "PractitionerRole", "availableTime": [{"daysOfWeek": ["mon", "tue"]}]},
        {"resourceType": "MedicationRequest", "dosageInstruction": [{"timing": {"repeat": {"when": ["MORN", "ACV"]}}}]},
        {"resourceType": "AllergyIntolerance", "category": ["medication"], "reaction": [{"severity": "mild"}]},
        {"resourceType": "AuditEvent", "action": "R", "entity": [{"role": "source"}]},
        {"resourceType": "Appointment", "participant": [{"required": "required", "status": "accepted"}]},
        {"resourceType": "Composition", "confidentiality": "N", "attester": [{"mode": "legal"}]},
        {"resourceType": "Questionnaire", "subjectType": ["Patient"], "item": [{"enableBehavior": "any"}]},
        {"resourceType": "Questionnaire", "item": [{"enableWhen": [{"operator": "exists"}]}]},
        {"resourceType": "DocumentReference", "docStatus": "preliminary"},
        {"resourceType": "Goal", "lifecycleStatus": "active"},
        {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]},
        {"resourceType": "Device", "udiCarrier": [{"issuer": "http://hl7.org/fhir/NamingSystem/gs1-di"}]},
    ],
    ids=lambda codes: codes["resourceType"],
)
def test_a_code_is_kept_and_read_by_nobody(codes):
    (document,) = FhirFormat().open(json.dumps(codes).encode()).documents
    assert [leaf.text for leaf in document.leaves] == []


def test_when_something_was_signed_is_a_date_though_when_to_take_a_drug_is_a_code(tmp_path):
    resource = {"resourceType": "Provenance", "signature": [{"when": "2023-04-12T08:00:00Z"}]}
    text, reason = redacted(SV, tmp_path, resource)
    assert reason == ""
    assert "2023" not in text


def test_the_search_that_an_audit_event_keeps_as_base64_is_removed(tmp_path):
    """It holds names and numbers as parameters; every server writes it."""
    resource = {"resourceType": "AuditEvent", "entity": [{"query": "UGF0aWVudD9uYW1lPXp1dGFuYQ==", "name": "x"}]}
    text, reason = redacted(SV, tmp_path, resource)
    assert reason == ""
    (entity,) = json.loads(text)["entity"]
    assert "query" not in entity


@pytest.mark.parametrize(
    ("uri", "begins"),
    [("tel:+46701740635", "tel:+46"), ("mailto:zutana.oberg@example.se", "mailto:"), ("sms:0701740635", "sms:070")],
)
def test_an_address_with_a_surrogate_is_still_one(tmp_path, uri, begins):
    key = Path(tmp_path, "deid.key")
    key.write_text("5e" * 32, "ascii")
    key.chmod(0o600)
    resource = {"resourceType": "Basic", "extension": [{"url": "x", "valueUri": uri}]}
    text, reason = redacted(SV, tmp_path, resource, policy="surrogate", key=str(key))
    assert reason == ""
    written = json.loads(text)["extension"][0]["valueUri"]
    assert written != uri
    assert written.startswith(begins)
    assert "%" not in written
