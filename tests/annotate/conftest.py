"""A small language of rules, so that tests of the components do not depend on the rules of real languages."""

import re

import pytest
from spacy.language import Language
from spacy.tokens import Doc, Span

from spacy_deid.lang.recognizer import Recognizer, RuleSet
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse


def recognizer(name: str, label: str, pattern: str, score: float = 0.5) -> Recognizer:
    return Recognizer(name, label, re.compile(pattern), score=score)


SMALL = RuleSet(
    recognizers=(
        recognizer("date", "DATE", r"\d{1,2}/\d{1,2}(?:-\d{2})?"),
        recognizer("long_date", "DATE", r"(?:den )?\d{1,2} (?:maj|juni)", 0.9),
        recognizer("personnummer", "ID", r"\d{6}-\d{4}", 1.0),
        recognizer("case", "ID", r"case (?P<value>\d{4,})", 0.9),
        recognizer("email", "EMAIL", r"[\w.]+@[\w.]+\w", 0.9),
        recognizer("doctor", "NAME", r"dr (?P<value>[A-ZÅÄÖ]\w+)", 0.9),
        recognizer("padded", "AGE", r" \d+ år ", 0.9),
        recognizer("unit", "CARE_UNIT", r"avd \d+ \w+", 0.6),
    ),
    guards=(
        recognizer("scale", "", r"NRS \d+/10"),
        recognizer("eponym", "", r"[A-Z][a-z]+s sjukdom"),
        recognizer("half_word", "", r"Babin"),
        recognizer("number", "", r"kod [\d-]+"),
    ),
)


@pytest.fixture
def small_rules(monkeypatch: pytest.MonkeyPatch) -> RuleSet:
    monkeypatch.setattr("spacy_deid.annotate.rules.load_rules", lambda lang: SMALL)
    return SMALL


@pytest.fixture
def nlp(small_rules: RuleSet) -> Language:
    """A Swedish pipeline of rules alone."""
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    return nlp


@pytest.fixture
def with_model(nlp: Language):
    """Return a function that runs the pipeline on a text whose markup stands in for a model's entities."""

    def process(markup: str, record=None) -> Doc:
        text, spans = parse(markup)
        doc = nlp.make_doc(text)
        if record:
            doc._.deid_known = record
        ents = [doc.char_span(*span[:2], label=span.label, alignment_mode="expand") for span in spans]
        assert all(isinstance(ent, Span) for ent in ents)
        doc.set_ents(ents)
        return nlp(doc)

    return process
