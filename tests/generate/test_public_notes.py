"""Public notes beside few training notes: generated from templates, in the form of the mode, and counted."""

from pathlib import Path

import pytest
import spacy
from decoders import save_gemma
from spacy.tokens import DocBin

from spacy_deid.errors import DeidError
from spacy_deid.generate.adapt.data import public_texts
from spacy_deid.generate.adapt.run import adapt
from spacy_deid.generate.adapt.settings import Corpus, read_settings
from spacy_deid.generate.slots.notation import parse

CONFIG = Path(__file__).parents[2] / "configs" / "quick" / "adapt.cfg"


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["es", "sv"])
def test_their_slots_are_all_ones_that_can_be_filled(lang):
    texts = public_texts(Corpus(mode="slots", lang=lang, public=40), seed=0)
    read = [parse(text, lang) for text in texts]
    assert len(set(texts)) == 40
    assert sum(len(note.parts) > 1 for note in read) > 20  # with at least one slot
    assert [(note.repaired, note.malformed) for note in read] == [(0, 0)] * 40


def test_the_seed_alone_decides_them():
    corpus = Corpus(mode="slots", lang="es", public=5)
    assert public_texts(corpus, 1) == public_texts(corpus, 1) != public_texts(corpus, 2)


def test_none_are_made_unless_asked_for():
    assert public_texts(Corpus(mode="slots", lang="es"), seed=0) == []


@pytest.mark.parametrize(("lang", "said"), [("", "corpus.lang is empty"), ("fi", "fi")])
def test_a_language_without_templates_is_named(lang, said):
    with pytest.raises(DeidError, match=said):
        public_texts(Corpus(mode="slots", lang=lang, public=5), seed=0)


@pytest.mark.slow
def test_the_model_learns_them_beside_the_training_notes(tmp_path):
    doc = spacy.blank("es")("Ingresa Ana el lunes.")
    doc.ents = [doc.char_span(8, 11, "NOMBRE_SUJETO_ASISTENCIA")]
    notes = tmp_path / "notes.spacy"
    DocBin(docs=[doc]).to_disk(notes)
    settings = {
        "paths.train": str(notes),
        "paths.dev": str(notes),
        "paths.model": str(save_gemma(tmp_path / "base")),
        "training.max_steps": 2,
        "corpus.mode": "slots",
        "vars.lang": "es",
    }
    alone, beside = (
        adapt(read_settings(CONFIG, settings | {"corpus.public": public}), tmp_path / str(public), quiet=True)
        for public in (0, 6)
    )
    assert beside["notes"] == {"train": 1, "public": 6, "held_out": 1}
    assert beside["packing"]["tokens"] > alone["packing"]["tokens"]
    assert beside["fingerprint"] != alone["fingerprint"]
