"""A model finds the same entities in a text with no-break spaces as in one with ordinary spaces."""

import pickle

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from spacy_deid.lang.tokenization import fine_blank

SENTENCE = "Pat Qvalund Zyrkan ringer"


@Language.component("two_words_after_pat")
def two_words_after_pat(doc: Doc) -> Doc:
    """Stand in for a model: it knows a name by the token directly before it."""
    places = [token.i + 1 for token in doc[:-2] if token.text == "Pat" and token.whitespace_]
    doc.set_ents([Span(doc, at, at + 2, label="NAME") for at in places], default="unmodified")
    return doc


@pytest.fixture
def nlp() -> Language:
    nlp = fine_blank("sv")
    for name in ("two_words_after_pat", "deid_rules", "deid_merge"):
        nlp.add_pipe(name)
    return nlp


def found(doc: Doc) -> list[str]:
    return [ent.text for ent in doc.ents]


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u2009", "\u202f", "\u3000"])
def test_any_space_parts_words(nlp: Language, space: str) -> None:
    doc = nlp(SENTENCE.replace(" ", space))
    assert doc.text == SENTENCE.replace(" ", space)
    assert found(doc) == [f"Qvalund{space}Zyrkan"]
    assert [ent._.deid_source for ent in doc.ents] == ["model"]


def test_places_are_those_of_the_text_itself(nlp: Language) -> None:
    text = "Go\u0308ran\u200b\u00a0Pat\u00a0Qvalund\u00a0Zy\u0308rkan"
    assert found(nlp(text))[-1] == "Qvalund\u00a0Zy\u0308rkan"


def test_what_was_found_already_stays_where_nothing_else_is_found(nlp: Language) -> None:
    doc = nlp.make_doc(f"Wexelin\u00a0{SENTENCE}")
    doc.set_ents([Span(doc, 0, 1, label="NAME")])
    assert "Wexelin" in found(nlp(doc))


def test_so_it_is_in_batches_in_processes_and_after_saving(nlp: Language, tmp_path) -> None:
    texts = [SENTENCE.replace(" ", "\u00a0")] * 3
    right = [["Qvalund\u00a0Zyrkan"]] * 3
    nlp.to_disk(tmp_path / "pipeline")
    for pipeline in (nlp, spacy.load(tmp_path / "pipeline"), pickle.loads(pickle.dumps(nlp))):  # noqa: S301
        assert [found(doc) for doc in pipeline.pipe(texts)] == right
    assert [found(doc) for doc in nlp.pipe(texts, n_process=2)] == right


def test_a_date_keeps_no_dash_that_parts_it_from_the_next(nlp: Language) -> None:
    nlp.remove_pipe("two_words_after_pat")
    doc = nlp.make_doc("Vårdtid 12/2-25/2 2025")
    doc.set_ents([doc.char_span(8, 13, label="DATE")])
    assert found(nlp(doc))[0] == "12/2"
