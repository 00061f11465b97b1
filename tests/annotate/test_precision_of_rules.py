"""The precision of a language's rules without a model: how rarely they find an identifier where there is none."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest
from spacy.language import Language

from spacy_deid.config import read_config
from spacy_deid.corpus.templates.fill import fill, join
from spacy_deid.corpus.templates.maker import generate_notes
from spacy_deid.corpus.templates.parse import templates_of
from spacy_deid.corpus.templates.settings import TemplateConfig
from spacy_deid.lang.tables import words_of
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.surrogates.cast import Cast

REPOSITORY = Path(__file__).parents[2]
QUICK = REPOSITORY / "configs" / "templates.cfg"
PLAIN = REPOSITORY / "assets" / "sv" / "plain.txt"

# templates of notes that identify nobody, and of decoys
WITHOUT_IDENTIFIERS = {"sv": ("tom_", "lockbete_"), "es": ("sin_", "decoy_")}
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\s*\n\s*")


@pytest.fixture(scope="module", params=WITHOUT_IDENTIFIERS)
def pipeline(request) -> Language:
    nlp = fine_blank(request.param)
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    return nlp


def notes_without_identifiers(lang: str, rounds: int) -> list[str]:
    """Return so many notes of each variant of the templates without identifiers."""
    rng = random.Random(0)
    templates = [template for template in templates_of(lang) if template.name.startswith(WITHOUT_IDENTIFIERS[lang])]
    assert len(templates) >= 20
    variants = [parts for template in templates for parts in template.variants]
    made = [
        join(fill(parts, Cast(lang, rng), words_of(lang), rng, decimal_mark=","))
        for _ in range(rounds)
        for parts in variants
    ]
    assert not any(spans for _, spans in made)
    return [text for text, _ in made]


def false_spans_per_thousand_words(nlp: Language, texts: list[str]) -> float:
    words = sum(len(text.split()) for text in texts)
    return 1000 * sum(len(doc.ents) for doc in nlp.pipe(texts)) / words


@pytest.mark.slow
def test_sentences_without_identifiers_stay_as_they_are(pipeline: Language) -> None:
    notes = notes_without_identifiers(pipeline.lang, rounds=30)
    sentences = dict.fromkeys(sentence for note in notes for sentence in SENTENCE_END.split(note) if sentence)
    plain = PLAIN.read_text("utf8").splitlines() if pipeline.lang == "sv" else []
    several = [*plain, *sentences][:5000]

    assert len(several) == 5000
    assert false_spans_per_thousand_words(pipeline, several) < 1


def test_notes_of_decoys_stay_as_they_are(pipeline: Language) -> None:
    assert false_spans_per_thousand_words(pipeline, notes_without_identifiers(pipeline.lang, rounds=5)) < 1


@pytest.mark.slow
def test_what_has_a_check_digit_is_what_it_seems(pipeline: Language) -> None:
    """Precision of the rules with a check digit on notes with typing errors and every other kind of number."""
    many_numbers = {"bootstrap.quotas": {"ID": 0.15, "PHONE": 0.1}, "bootstrap.without_identifiers": 0.0}
    recipe = read_config(QUICK, TemplateConfig, {"vars.lang": pipeline.lang, **many_numbers}).bootstrap
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for note in generate_notes(pipeline.lang, 500, seed=0, recipe=recipe):
        doc = pipeline(note.text)
        for span in doc.spans["deid_rules"]:
            if span._.deid_score == 1.0:
                held = any(
                    start <= span.start_char and span.end_char <= end and label == span.label_
                    for start, end, label in note.spans
                )
                (right if held else wrong)[span._.deid_source] += 1

    assert right.total() >= 100
    assert right.total() / (right + wrong).total() >= 0.99
