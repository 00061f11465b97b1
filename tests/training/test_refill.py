"""deid.Refill.v1: a training note with other identifiers, and everything else unchanged."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.training import Example
from spacy.util import load_config, registry

from spacy_deid.corpus.formats.docbin import write
from spacy_deid.extensions import CharSpan
from spacy_deid.generate.slots.notation import labelled_slots
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse, render
from spacy_deid.surrogates.cast import Cast

CONFIGS = Path(__file__).parents[2] / "configs"
NLP = {lang: fine_blank(lang) for lang in ("es", "sv")}
P, D, F, H = "NOMBRE_SUJETO_ASISTENCIA", "NOMBRE_PERSONAL_SANITARIO", "FECHAS", "HOSPITAL"
NOTE = (
    f"Nombre: <{P}>Ana</{P}>.\nApellidos: <{P}>RUIZ GIL</{P}>. "
    f"<{F}>12/10/1946</{F}>, Dra. <{D}>Eva Mas</{D}> (<{D}>Mas</{D}>)"
)


def annotated(markup, lang="es"):
    """Return a Doc whose entities are the marks of a text."""
    text, spans = parse(markup, set(re.findall(r"</(\w+)>", markup)))
    doc = NLP[lang].make_doc(text)
    doc.set_ents([doc.char_span(*span) for span in spans])
    return doc


def refilled(markup, seed=0, lang="es"):
    """Return the example that the augmenter of a config makes from a text."""
    augmenter = registry.resolve({"augmenter": {"@augmenters": "deid.Refill.v1"}})["augmenter"]
    random.seed(seed)
    doc = annotated(markup, lang)
    (example,) = augmenter(NLP[lang], Example(NLP[lang].make_doc(doc.text), doc))
    return example


def entities(example):
    return [(ent.label_, ent.text) for ent in example.reference.ents]


def values(*args, **kwargs):
    return [text for _, text in entities(refilled(*args, **kwargs))]


def between(doc):
    """Return the text before, between and after the entities."""
    edges = [0, *(edge for ent in doc.ents for edge in (ent.start_char, ent.end_char)), len(doc.text)]
    return [doc.text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]


@st.composite
def notes(draw):
    """A note of values from the language's sources, between other words."""
    lang = draw(st.sampled_from(["es", "sv"]))
    cast = Cast(lang, random.Random(draw(st.integers(0, 10**6))))
    slots = draw(st.lists(st.sampled_from(sorted(labelled_slots(lang))), max_size=8))
    marked = []
    for slot in slots:
        stem, _, form = slot.partition(".")
        value, label = cast.value(stem, form or None), labelled_slots(lang)[slot]
        marked.append(render(value, [CharSpan(0, len(value), label)]))
    return " klinisk ".join(["", *marked, ""]), lang


@pytest.mark.slow
@settings(max_examples=60)
@given(notes(), st.integers(0, 10**6))
def test_labels_and_all_that_is_no_identifier_stay(note, seed):
    markup, lang = note
    before, after = annotated(markup, lang), refilled(markup, seed, lang).reference
    assert between(after) == between(before)
    assert [ent.label_ for ent in after.ents] == [ent.label_ for ent in before.ents]


def test_identifiers_are_others_at_each_reading():
    first, second = values(NOTE), values(NOTE, seed=1)
    for old, one, other in zip(["Ana", "RUIZ GIL", "12/10/1946", "Eva Mas", "Mas"], first, second, strict=True):
        assert len({old, one, other}) == 3


def test_the_same_seed_gives_the_same_note():
    assert refilled(NOTE, seed=5).reference.text == refilled(NOTE, seed=5).reference.text


@pytest.mark.parametrize("seed", range(5))
def test_values_keep_their_form_and_agree_with_one_another(seed):
    first, last, day, doctor, surname = values(NOTE, seed)
    assert first.istitle()
    assert last.isupper()
    assert re.fullmatch(r"\d\d?[/.-]\d\d?[/.-]\d{2,4}", day)
    assert surname in doctor


def test_the_pipeline_in_training_is_shown_the_text_alone():
    example = refilled(NOTE)
    assert example.predicted.text == example.reference.text
    assert not example.predicted.ents


@pytest.mark.parametrize(
    "markup",
    [
        "Sin nadie.",
        "",
        "de raza <MISTERIO>negra</MISTERIO>",  # a label that nobody listed
        "de raza <OTHER>negra</OTHER>",  # OTHER may be anything, and so no slot has it
        "Vive con <OTHER>padre</OTHER> de <OTHER>45 años</OTHER>.",  # as MEDDOCAN marks a relation and a relative's age
        "<OTHER>Zurdo</OTHER>, de <OTHER>origen gitano</OTHER>",
        f"Planta <{H}>7</{H}>sur",  # the name of a hospital and "sur" would be one word
    ],
)
def test_what_cannot_be_replaced_stays(markup):
    example, doc = refilled(markup), annotated(markup)
    assert example.reference.text == doc.text
    assert entities(example) == [(ent.label_, ent.text) for ent in doc.ents]


@pytest.mark.parametrize("config", sorted(path.relative_to(CONFIGS) for path in CONFIGS.glob("*/ner*.cfg")), ids=str)
def test_annotators_learn_from_a_note_as_it_is_and_from_refilled_copies(config, tmp_path):
    write([annotated(NOTE)], tmp_path / "train.spacy")
    overrides = {"paths.train": str(tmp_path / "train.spacy"), "corpora.train.copies": 3}
    corpora = load_config(CONFIGS / config, overrides, interpolate=True)["corpora"]
    first, *others = registry.resolve({"train": corpora["train"]})["train"](NLP["es"])
    assert first.reference.text == annotated(NOTE).text
    assert len({example.reference.text for example in [first, *others]}) == 3
    assert [[label for label, _ in entities(example)] for example in others] == [[P, P, F, D, D]] * 2
