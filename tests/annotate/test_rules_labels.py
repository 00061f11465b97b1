"""Pipelines that were trained on a corpus' own labels, before corpora had categories alone, still work."""

import pytest
import spacy

from spacy_deid.lang.tokenization import fine_blank

NOTE = "Vista por Zyrkan. Teléfono: 612 345 678. Correo: ana@correo.es"


@pytest.fixture
def earlier(tmp_path):
    """A saved pipeline whose model has MEDDOCAN's labels, with the counts of labels that deid_rules saved then."""
    nlp = fine_blank("es")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "NOMBRE_PERSONAL_SANITARIO", "pattern": "Zyrkan"}])
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    nlp.add_pipe("deid_redact", config={"mode": "mask"})
    nlp.to_disk(tmp_path)
    (tmp_path / "deid_rules").mkdir(exist_ok=True)
    (tmp_path / "deid_rules" / "labels.json").write_text('{"NUMERO_TELEFONO": 3}')
    return spacy.load(tmp_path)


def test_its_labels_are_redacted_by_their_category(earlier):
    doc = earlier(NOTE)
    assert doc._.deid_text == "Vista por [NAME]. Teléfono: [PHONE]. Correo: [EMAIL]"


def test_its_rules_have_categories(earlier):
    assert {ent.text: ent.label_ for ent in earlier(NOTE).ents} == {
        "Zyrkan": "NOMBRE_PERSONAL_SANITARIO",
        "612 345 678": "PHONE",
        "ana@correo.es": "EMAIL",
    }
