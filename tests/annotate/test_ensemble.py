"""deid_ensemble: several annotators vote, and the score of an entity is its share of the votes."""

import pytest
import spacy
from typer.testing import CliRunner

from spacy_deid.annotate.ensemble import Marked, ensemble_of, vote
from spacy_deid.cli import app
from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank

NOTE = "Ana Ruiz en Qvabo, tel 612345678."
A, AR = Marked(0, 1, "NAME"), Marked(0, 2, "NAME")


def annotator(folder, lang="es", **patterns):
    """Save a pipeline that marks the phrases of each label."""
    nlp = fine_blank(lang)
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": label, "pattern": [{"ORTH": word} for word in phrase.split()]}
            for label, phrases in patterns.items()
            for phrase in phrases
        ]
    )
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge", config={"propagate": False})
    nlp.to_disk(folder)
    return folder


@pytest.fixture
def models(tmp_path):
    return [
        annotator(tmp_path / "a", NOMBRE_SUJETO_ASISTENCIA=["Ana Ruiz"], TERRITORIO=["Qvabo"]),
        annotator(tmp_path / "b", NOMBRE_SUJETO_ASISTENCIA=["Ana"], TERRITORIO=["Qvabo"]),
        annotator(tmp_path / "c", NOMBRE_SUJETO_ASISTENCIA=["Ana Ruiz"], HOSPITAL=["en"]),
    ]


@pytest.mark.parametrize(
    ("opinions", "expected"),
    [
        ([[], []], []),
        ([[A], [A]], [(A, 1.0)]),
        ([[A], []], [(A, 0.5)]),
        ([[AR], [A], [AR]], [(AR, 1.0)]),  # other borders are no other opinion
        ([[AR], [A]], [(AR, 1.0)]),  # the longest of equals
        ([[AR], [Marked(1, 2, "DATE")], [AR]], [(AR, 2 / 3)]),
        ([[Marked(3, 4, "DATE"), A]], [(A, 1.0), (Marked(3, 4, "DATE"), 1.0)]),
    ],
)
def test_votes_are_counted_by_span_and_label(opinions, expected):
    assert vote(opinions) == expected


def found(doc):
    return [(ent.text, ent.label_, ent._.deid_score) for ent in doc.ents]


def test_what_most_annotators_mark_stands_with_its_share_of_votes(models):
    doc = ensemble_of(models)(NOTE)
    assert [(text, label) for text, label, _ in found(doc)] == [
        ("Ana Ruiz", "NOMBRE_SUJETO_ASISTENCIA"),
        ("Qvabo", "TERRITORIO"),
        ("612345678", "PHONE"),  # the rules', after the vote
    ]
    assert [score for *_, score in found(doc)[:2]] == [0.99, pytest.approx(2 / 3)]
    assert doc._.deid_meta["agreement"] == pytest.approx((1 + 2 / 3 + 1 / 3) / 3, abs=1e-4)


def test_the_threshold_decides_what_stands(models):
    assert [text for text, *_ in found(ensemble_of(models, threshold=0.7)(NOTE))] == ["Ana Ruiz", "612345678"]
    assert "en" in [text for text, *_ in found(ensemble_of(models, threshold=0.0)(NOTE))]


def test_it_is_saved_and_loaded_with_its_annotators(models, tmp_path):
    nlp = ensemble_of(models)
    nlp.to_disk(tmp_path / "ensemble")
    again = spacy.load(tmp_path / "ensemble")
    assert found(again(NOTE)) == found(nlp(NOTE))
    assert found(spacy.blank("es").from_config(nlp.config).from_bytes(nlp.to_bytes())(NOTE)) == found(nlp(NOTE))


def test_it_takes_an_annotators_place_in_another_pipeline(models, tmp_path):
    ensemble_of(models).to_disk(tmp_path / "ensemble")
    nlp = fine_blank("es")
    nlp.add_pipe("ner", source=spacy.load(tmp_path / "ensemble", vocab=nlp.vocab))
    assert [text for text, *_ in found(nlp(NOTE))] == ["Ana Ruiz", "Qvabo"]


def test_it_keeps_what_else_is_known_of_a_synthetic_note(models):
    nlp = ensemble_of(models)
    doc = nlp.make_doc("Nada")
    doc._.deid_meta = {"seed": 1}
    assert nlp(doc)._.deid_meta == {"seed": 1, "agreement": 1.0}


def test_the_filter_rejects_notes_in_dispute(models):
    nlp = ensemble_of(models)
    nlp.add_pipe("deid_filter", config={"min_chars": 1, "min_agreement": 0.9})
    assert nlp(NOTE)._.deid_rejected == ["annotators_disagree"]
    assert nlp("Ana Ruiz duerme")._.deid_rejected == []


def test_models_that_cannot_vote_together_are_named(models, tmp_path):
    with pytest.raises(DeidError, match="1 models cannot vote"):
        ensemble_of(models[:1])
    with pytest.raises(DeidError, match="absent is not a spaCy pipeline"):
        ensemble_of([*models, tmp_path / "absent"])
    with pytest.raises(DeidError, match="several languages: es, sv"):
        ensemble_of([*models, annotator(tmp_path / "sv", "sv", NAME=["Ana"])])
    with pytest.raises(DeidError, match="threshold is 2"):
        ensemble_of(models, threshold=2)


def test_by_the_command(models, tmp_path):
    result = CliRunner().invoke(app, ["ensemble", str(tmp_path / "out"), *map(str, models)])
    assert result.exit_code == 0, result.output
    assert len(found(spacy.load(tmp_path / "out")(NOTE))) == 3
