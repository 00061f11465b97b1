"""Texts whose entities were marked by a model; the markup is its stand-in."""

from collections.abc import Callable

from spacy.language import Language
from spacy.tokens import Doc

from spacy_deid.markup import parse

Merge = Callable[..., str]


def after_model(nlp: Language, markup: str) -> Doc:
    """Return the Doc that the pipeline makes of a text whose entities a model has marked."""
    text, spans = parse(markup)
    doc = nlp.make_doc(text)
    doc.set_ents([doc.char_span(start, end, label=label, alignment_mode="expand") for start, end, label in spans])
    return nlp(doc)
