"""Promise: the survival check rejects no note without identifiers, and none whose identifiers are all redacted.

Hand-written Swedish notes with invented persons (assets/sv), redacted where people marked identifiers.
"""

from pathlib import Path

import pytest
from spacy.language import Language
from spacy.tokens import Doc

from spacy_deid.apply.formats.text import TextFormat
from spacy_deid.apply.redactor import Redactor
from spacy_deid.apply.unit import Unit, process
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse
from spacy_deid.redact.component import DeidRedact
from spacy_deid.redact.policy import read_policy, shipped_policies

ASSETS = Path(__file__).parents[2] / "assets" / "sv"
NOTES = [
    parse(path.read_text("utf8")) for folder in ("notes", "tuning") for path in sorted((ASSETS / folder).glob("*.txt"))
]
GOLD = dict(NOTES)


@Language.component("marked_by_people")
def marked_by_people(doc: Doc) -> Doc:
    spans = [doc.char_span(start, end, label, alignment_mode="expand") for start, end, label in GOLD[doc.text]]
    doc.set_ents([span for span in spans if span is not None])
    return doc


def test_there_are_136_notes_some_without_identifiers() -> None:
    assert len(NOTES) == 136
    assert sum(not spans for _, spans in NOTES) >= 20


@pytest.mark.slow
@pytest.mark.parametrize("policy", shipped_policies())
def test_no_note_is_set_aside(policy: str) -> None:
    nlp = fine_blank("sv")
    nlp.add_pipe("marked_by_people")
    redact = DeidRedact(
        "deid_redact", policy=read_policy(policy), key=b"a key of some length", scope="document", lang="sv"
    )
    units = [Unit(f"{number}.txt", text.encode("utf8"), TextFormat()) for number, (text, _) in enumerate(NOTES)]
    failed = [each.failed for each in process(units, Redactor(nlp, redact)) if each.failed]
    assert failed == []
