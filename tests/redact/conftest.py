"""Pipelines with given entities, so that tests of redaction do not depend on detection."""

import pytest
from spacy.language import Language
from spacy.tokens import Doc

from spacy_deid.labels import known_labels
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse


def with_entities(nlp: Language, markup: str) -> Doc:
    """Return the Doc of inline markup, with its tags as entities, before the pipeline has run."""
    text, spans = parse(markup, {*known_labels(), "UNHEARD_OF"})
    doc = nlp.make_doc(text)
    doc.ents = [doc.char_span(*span) for span in spans]
    return doc


@pytest.fixture(name="with_entities")
def with_entities_fixture():
    """Give the function above to tests: several folders have a conftest, so none can be imported by name."""
    return with_entities


@pytest.fixture
def redacted():
    """Redacts inline markup, with the settings of deid_redact."""

    def process(markup: str, lang: str = "sv", **settings: object) -> str:
        nlp = fine_blank(lang)
        nlp.add_pipe("deid_redact", config=settings)
        return nlp(with_entities(nlp, markup))._.deid_text

    return process


@pytest.fixture
def pipeline():
    """Makes a pipeline that finds a name and an ID, with the settings of deid_redact."""

    def make(**config: object) -> Language:
        nlp = fine_blank("sv")
        nlp.add_pipe("entity_ruler").add_patterns(
            [{"label": "NAME", "pattern": [{"ORTH": "Ek"}]}, {"label": "ID", "pattern": [{"ORTH": "7804"}]}]
        )
        nlp.add_pipe("deid_redact", config=config)
        return nlp

    return make


@pytest.fixture
def key_file(tmp_path):
    """The path of a file with a key."""
    path = tmp_path / "deid.key"
    path.write_text("5e" * 32 + "\n", "ascii")
    path.chmod(0o600)
    return str(path)
