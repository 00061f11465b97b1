"""deid_ner: learns from notes, gives every token a probability, and finds more at a lower threshold."""

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from token_pipeline import MODEL, NOTES, examples, trained

from spacy_deid.annotate.token_ner import CANDIDATES
from spacy_deid.errors import DeidError
from spacy_deid.extensions import char_spans
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse, render

TEXTS = [parse(note)[0] for note in NOTES]
LEVELS = [0.9, 0.5, 0.2, 0.05]


@pytest.fixture(scope="module")
def nlp():
    return trained()


def marked(doc: Doc) -> str:
    return render(doc.text, char_spans(doc))


def facts(doc: Doc) -> list[tuple]:
    return [(ent.start, ent.end, ent.label_, ent._.deid_source, ent._.deid_score) for ent in doc.ents]


def covered(spans) -> set[int]:
    return {token.i for span in spans for token in span}


def test_it_learns_the_notes(nlp) -> None:
    assert [marked(nlp(text)) for text in TEXTS] == list(NOTES)


def test_entities_have_the_lowest_probability_of_their_tokens(nlp) -> None:
    doc = nlp(TEXTS[0])
    (scores,) = nlp.get_pipe("deid_ner").predict([doc])

    for ent in doc.ents:
        assert ent._.deid_source == "model"
        assert ent._.deid_score == pytest.approx(float((1 - scores[ent.start : ent.end, 0]).min()), abs=1e-4)


def test_no_score_is_that_of_a_check_digit(nlp) -> None:
    ner = nlp.get_pipe("deid_ner")
    doc = nlp.make_doc("Anna")
    certain = np.eye(9, dtype=np.float32)[[ner.labels.index("NAME") * 4 + 4]]

    ner.set_annotations([doc], [certain])

    assert [ent._.deid_score for ent in doc.ents] == [0.9999]


def test_a_stream_gives_what_single_texts_give(nlp) -> None:
    texts = [*TEXTS, "", "Anna\n"]
    assert [doc.text for doc in nlp.pipe(texts)] == texts
    for doc in nlp.pipe(texts, batch_size=3):
        assert [fact[:4] for fact in facts(doc)] == [fact[:4] for fact in facts(nlp(doc.text))]


def test_no_entity_begins_or_ends_with_white_space(nlp) -> None:
    ner = nlp.get_pipe("deid_ner")
    doc = nlp.make_doc("\nAnna\n\nEk\n")
    name = ner.labels.index("NAME") * 4
    tags = np.eye(9, dtype=np.float32)[[name + 1, *[name + 2] * (len(doc) - 2), name + 3]]

    ner.set_annotations([doc], [tags])

    assert [ent.text for ent in doc.ents] == ["Anna\n\nEk"]


def test_without_levels_there_are_no_candidates(nlp) -> None:
    assert CANDIDATES not in nlp(TEXTS[0]).spans


@pytest.fixture(scope="module")
def unsure():
    """A pipeline that has hardly learnt anything, with candidates."""
    nlp = trained(steps=4)
    nlp.get_pipe("deid_ner").calibrate(1.0, LEVELS)
    return nlp


@pytest.mark.parametrize("text", TEXTS)
def test_the_candidates_of_a_lower_level_cover_those_of_a_higher_one(unsure, text) -> None:
    doc = unsure(text)
    candidates = list(doc.spans[CANDIDATES])
    at = [covered(span for span in candidates if span._.deid_score >= level) for level in LEVELS]

    assert at[0] <= at[1] <= at[2] <= at[3]
    assert at[1] == covered(doc.ents)  # a level of .5 is the component's own threshold
    assert at[0] < at[3]


def test_a_lower_threshold_finds_all_that_a_higher_one_finds(unsure) -> None:
    ner, found = unsure.get_pipe("deid_ner"), []
    for ner.threshold in (0.9, 0.5, 0.1):
        found.append([covered(unsure(text).ents) for text in TEXTS])
    ner.threshold = 0.5
    assert all(few <= some <= many for few, some, many in zip(*found, strict=True))
    assert found[0] != found[2]


def test_a_high_temperature_makes_it_less_sure(nlp) -> None:
    ner, doc = nlp.get_pipe("deid_ner"), nlp(TEXTS[0])
    before = [score for *_, score in facts(doc)]
    ner.calibrate(1.5, [])
    after = [score for *_, score in facts(nlp(TEXTS[0]))]
    ner.calibrate(1.0, [])
    assert all(new < old for new, old in zip(after, before, strict=True))


def test_files_and_bytes_keep_the_model_its_temperature_and_its_levels(tmp_path) -> None:
    nlp = trained(threshold=0.4)
    nlp.get_pipe("deid_ner").calibrate(1.5, LEVELS)
    nlp.to_disk(tmp_path)

    for loaded in (spacy.load(tmp_path), fine_blank("sv").from_config(nlp.config).from_bytes(nlp.to_bytes())):
        ner = loaded.get_pipe("deid_ner")
        assert (ner.labels, ner.temperature, ner.threshold) == (("DATE", "NAME"), 1.5, 0.4)
        assert facts(loaded(TEXTS[0])) == facts(nlp(TEXTS[0]))
        assert len(loaded(TEXTS[0]).spans[CANDIDATES]) == len(nlp(TEXTS[0]).spans[CANDIDATES])


# --- training


def test_its_labels_are_those_of_the_notes_or_those_given(nlp) -> None:
    assert nlp.get_pipe("deid_ner").label_data == ("DATE", "NAME")

    given = fine_blank("sv")
    ner = given.add_pipe("deid_ner", config={"model": MODEL})
    ner.initialize(lambda: examples(given), nlp=given, labels=["AGE", "NAME", "DATE"])
    assert ner.labels == ("AGE", "NAME", "DATE")
    assert [scores.shape[1] for scores in ner.predict([given.make_doc("Anna"), given.make_doc("")])] == [13, 13]


def test_tokens_without_gold_annotation_have_no_gradient(nlp) -> None:
    doc = nlp.make_doc(TEXTS[0])
    unknown = Example.from_dict(doc, {"entities": ["U-NAME", *["-"] * (len(doc) - 1)]})
    scores = [np.full((len(doc), 9), 1 / 9, dtype=np.float32)]

    _, (gradient,) = nlp.get_pipe("deid_ner").get_loss([unknown], scores)

    assert gradient[0].any()
    assert not gradient[1:].any()


def test_notes_without_a_marked_span_are_an_error() -> None:
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_ner", config={"model": MODEL})
    with pytest.raises(DeidError, match="no marked span"):
        nlp.initialize(lambda: examples(nlp, ["Ingen sov."]))


def test_a_trained_model_learns_no_further_label(nlp) -> None:
    assert nlp.get_pipe("deid_ner").add_label("NAME") == 0
    with pytest.raises(DeidError, match="has its 2 labels"):
        nlp.get_pipe("deid_ner").add_label("AGE")


@pytest.mark.parametrize("threshold", [0, -0.1, 1.1])
def test_a_threshold_out_of_range_is_an_error(threshold) -> None:
    with pytest.raises(DeidError, match="threshold is"):
        fine_blank("sv").add_pipe("deid_ner", config={"threshold": threshold})


@pytest.mark.parametrize("hidden_width", [0, 16])
def test_it_learns_through_a_listener_with_and_without_a_hidden_layer(hidden_width) -> None:
    nlp = fine_blank("sv")
    nlp.add_pipe("tok2vec", config={"model": MODEL["tok2vec"]})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "*"}
    model = {"@architectures": "deid.TokenClassifier.v1", "tok2vec": listener, "hidden_width": hidden_width}
    nlp.add_pipe("deid_ner", config={"model": model})
    notes = examples(nlp)
    optimizer = nlp.initialize(lambda: notes)
    optimizer.learn_rate = 0.01
    for _ in range(60):
        nlp.update(notes, sgd=optimizer)

    assert nlp.evaluate(examples(nlp))["ents_f"] == 1
