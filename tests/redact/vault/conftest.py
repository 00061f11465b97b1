"""Redacted documents for a vault whose passphrase is checked quickly."""

import pytest

from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.offsets import Replacement
from spacy_deid.redact import sealed

BLANK = fine_blank("sv")


@pytest.fixture(autouse=True)
def cheap_guesses(monkeypatch) -> None:
    monkeypatch.setattr(sealed, "_COST", 2)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vault.deid"


@pytest.fixture
def make(with_entities):
    """Makes a redacted Doc of inline markup; every replacement is its label in brackets, with a number for a NAME."""

    def redacted_doc(markup: str, document: str = "", patient: str = ""):
        doc = with_entities(BLANK, markup)
        doc._.deid_id, doc._.deid_group = document, patient
        doc._.deid_replacements = [
            Replacement(ent.start_char, ent.end_char, f"[{ent.label_}{number if ent.label_ == 'NAME' else ''}]")
            for number, ent in enumerate(doc.ents)
        ]
        return doc

    return redacted_doc
