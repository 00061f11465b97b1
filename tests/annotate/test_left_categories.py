"""A category that a pipeline leaves is found and stays in the text: the language says which, or a setting."""

import pytest
import spacy
from reading import save_gold
from spacy.tokens import Span

from spacy_deid.annotate.merge import MODEL
from spacy_deid.errors import DeidError
from spacy_deid.evaluate.run import evaluate_file
from spacy_deid.markup import parse
from spacy_deid.pipelines import left_categories


def merged(lang, marked, **settings):
    """Return what the merge makes of a model's spans: texts and labels of its entities, and the Doc."""
    nlp = spacy.blank(lang)
    merge = nlp.add_pipe("deid_merge", config=settings)
    text, spans = parse(marked)
    doc = nlp.make_doc(text)
    doc.set_ents([doc.char_span(span.start, span.end, label=span.label) for span in spans])
    doc = merge(doc)
    return [(ent.text, ent.label_) for ent in doc.ents], doc


@pytest.mark.parametrize(
    ("lang", "settings", "labels"),
    [
        ("sv", {}, ["NAME"]),
        ("sv", {"leave": []}, ["NAME", "PROFESSION"]),
        ("sv", {"leave": ["NAME", "PROFESSION"]}, []),
        ("es", {}, ["NAME", "PROFESSION"]),
        ("xx", {}, ["NAME", "PROFESSION"]),
    ],
)
def test_the_language_says_what_stays_and_a_setting_changes_it(lang, settings, labels):
    ents, doc = merged(lang, "<NAME>Bo Lind</NAME> , <PROFESSION>svetsare</PROFESSION>", **settings)
    assert [label for _, label in ents] == labels
    assert [span.label_ for span in doc.spans[MODEL]] == ["NAME", "PROFESSION"]


def test_a_left_span_takes_nothing_from_another():
    nlp = spacy.blank("sv")
    rules = nlp.make_doc("svetsare Bo Lind")
    rules.set_ents([Span(rules, 0, 3, label="PROFESSION")])  # longer than the rule's
    rules.spans["deid_rules"] = [Span(rules, 1, 3, label="NAME", span_id="rule:x")]
    doc = nlp.add_pipe("deid_merge")(rules)
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Bo Lind", "NAME")]


def test_it_is_kept_with_the_pipeline_and_can_be_set_at_load(tmp_path):
    nlp = spacy.blank("sv")
    nlp.add_pipe("deid_merge")
    nlp.to_disk(tmp_path)
    assert left_categories(spacy.load(tmp_path)) == {"PROFESSION"}
    assert left_categories(spacy.load(tmp_path, config={"components": {"deid_merge": {"leave": []}}})) == set()


def test_an_unknown_category_is_named():
    with pytest.raises(DeidError, match="leave has JOB. Remedy: use NAME"):
        spacy.blank("sv").add_pipe("deid_merge", config={"leave": ["JOB"]})


def test_gold_of_a_left_category_is_not_counted(tmp_path):
    gold = save_gold(tmp_path / "gold.spacy", ["<NAME>Bo</NAME> är <PROFESSION>svetsare</PROFESSION>"])
    nlp = spacy.blank("sv")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "NAME", "pattern": "Bo"}])
    nlp.add_pipe("deid_merge")
    nlp.to_disk(tmp_path / "pipeline")
    metrics = evaluate_file(str(tmp_path / "pipeline"), gold, tmp_path / "metrics.json", quiet=True)
    assert metrics["left"] == ["PROFESSION"]
    assert metrics["scores"]["character_recall"]["value"] == 1.0


def test_the_model_alone_is_compared_on_the_same_categories(tmp_path):
    gold = save_gold(tmp_path / "gold.spacy", ["<NAME>Bo</NAME> är <PROFESSION>svetsare</PROFESSION>"])
    nlp = spacy.blank("sv")
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": "NAME", "pattern": "Bo"}, {"label": "PROFESSION", "pattern": "är"}]
    )
    nlp.to_disk(tmp_path / "pipeline")
    metrics = evaluate_file(str(tmp_path / "pipeline"), gold, tmp_path / "m.json", model_alone=True, quiet=True)
    assert {name: metrics["scores"][name]["value"] for name in ("character_recall", "over_redaction")} == {
        "character_recall": 1.0,
        "over_redaction": 0.0,
    }
