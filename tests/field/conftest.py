"""Pipelines of the rules and the merge, behind a stand-in for a model, and a key."""

from pathlib import Path

import pytest
from marked_text import Merge, after_model
from spacy.language import Language

from spacy_deid.extensions import char_spans
from spacy_deid.labels import category_of
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import render


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "deid.key"
    path.write_text("5e" * 32, "ascii")
    path.chmod(0o600)
    return str(path)


@pytest.fixture(scope="session")
def pipelines() -> dict[str, Language]:
    return {lang: _pipeline(lang) for lang in ("sv", "es")}


def _pipeline(lang: str) -> Language:
    nlp = fine_blank(lang)
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    return nlp


@pytest.fixture
def merged(pipelines: dict[str, Language]) -> Merge:
    """Return a function from a text, in which a model marked entities, to the text with the final entities."""

    def merge(markup: str, lang: str = "sv") -> str:
        doc = after_model(pipelines[lang], markup)
        return render(doc.text, [span._replace(label=category_of(span.label)) for span in char_spans(doc)])

    return merge
