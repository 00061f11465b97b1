"""deid_rules learns from the examples what the corpus calls what its rules find."""

import pytest
import spacy
from spacy.training import Example

from spacy_deid.lang.tokenization import fine_blank

NOTE = "Médico: Ana Ruiz. Teléfono: 612 345 678. Correo: ana@correo.es"


def trained(nlp, label):
    """Return the pipeline after it saw notes whose telephone numbers have this label."""
    doc = nlp.make_doc("Teléfono: 612 345 678")
    nlp.initialize(lambda: [Example.from_dict(doc, {"entities": [(10, 21, label)]})])
    return nlp


@pytest.fixture
def nlp():
    nlp = fine_blank("es")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    return nlp


def labels_of(nlp):
    return {ent.text: ent.label_ for ent in nlp(NOTE).ents}


def test_without_examples_rules_write_their_own_labels(nlp):
    nlp.initialize()
    assert labels_of(nlp)["612 345 678"] == "NUMERO_TELEFONO"


def test_rules_write_the_label_that_the_corpus_has_for_the_category(nlp):
    assert labels_of(trained(nlp, "PHONE"))["612 345 678"] == "PHONE"


def test_a_category_that_the_corpus_does_not_have_keeps_the_rule_s_label(nlp):
    assert labels_of(trained(nlp, "PHONE"))["ana@correo.es"] == "CORREO_ELECTRONICO"


def test_a_label_that_the_corpus_has_stays(nlp):
    assert labels_of(trained(nlp, "NUMERO_TELEFONO"))["612 345 678"] == "NUMERO_TELEFONO"


def test_the_labels_are_saved_with_the_pipeline(nlp, tmp_path):
    trained(nlp, "PHONE").to_disk(tmp_path)
    expected = labels_of(nlp)
    assert labels_of(spacy.load(tmp_path)) == expected
    copy = spacy.blank("es").from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert labels_of(copy) == expected


def test_a_pipeline_of_before_this_was_saved_still_opens(nlp, tmp_path):
    nlp.to_disk(tmp_path)
    for file in (tmp_path / "deid_rules").iterdir():
        file.unlink()
    (tmp_path / "deid_rules").rmdir()
    assert labels_of(spacy.load(tmp_path))["612 345 678"] == "NUMERO_TELEFONO"
