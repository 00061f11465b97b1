import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.corpus.note import ConversionReport, Note, to_doc, to_note
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.lang.tokenization import fine_blank

TOKENIZER = fine_blank("xx").tokenizer


@st.composite
def notes(draw):
    text = draw(st.text(min_size=1, max_size=40))
    spans = set()
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        if text[start:end].strip():
            spans.add(CharSpan(start, end, draw(st.sampled_from(["NAME", "DATE"]))))
    return Note("n", "g", text, tuple(sorted(spans)))


@given(notes())
def test_a_note_comes_back_from_its_doc_unchanged(note):
    assert to_note(to_doc(note, TOKENIZER, ConversionReport())) == note


@given(notes())
def test_every_span_is_an_entity_or_counted_as_overlapping(note):
    report = ConversionReport()
    doc = to_doc(note, TOKENIZER, report)
    assert report.spans == len(note.spans) == len(doc.ents) + report.overlapping
    for entity in doc.ents:
        assert any(note.text[start:end].strip() in entity.text for start, end, _ in note.spans)


@pytest.mark.parametrize(
    ("text", "spans", "entities", "widened", "overlapping"),
    [
        ("Ana Ek sover", [(0, 6, "NAME")], ["Ana Ek"], 0, 0),
        ("Annas bok", [(0, 4, "NAME")], ["Annas"], 1, 0),
        ("Ana Ek sover", [(0, 7, "NAME")], ["Ana Ek"], 0, 0),
        ("Ana Ek sover", [(0, 6, "NAME"), (4, 6, "NAME")], ["Ana Ek"], 0, 1),
        ("Ana Ek sover", [(0, 3, "NAME"), (0, 3, "DATE")], ["Ana"], 0, 1),
        ("Ana Ek sover", [(0, 6, "NAME"), (4, 12, "DATE")], ["Ana Ek"], 0, 1),
        ("Ana Ek sover nu", [(0, 6, "NAME"), (4, 15, "DATE")], ["Ek sover nu"], 0, 1),
        ("AnnaBo", [(0, 4, "NAME"), (4, 6, "NAME")], ["AnnaBo"], 2, 1),
    ],
)
def test_entities_are_widened_to_tokens_and_the_longest_wins(as_doc, text, spans, entities, widened, overlapping):
    report = ConversionReport()
    doc = as_doc(text, *spans, report=report)
    assert [entity.text for entity in doc.ents] == entities
    assert (report.widened, report.overlapping) == (widened, overlapping)
    assert [tuple(span) for span in doc._.deid_gold] == spans


def test_a_span_of_white_space_alone_is_an_error_not_a_loss(as_doc):
    with pytest.raises(DeidError, match=r"'n1'.*3-4"):
        as_doc("Ana Ek", (3, 4, "NAME"))


def test_a_note_of_200_000_characters(as_doc):
    text = "Ana Ek, 54. " * 16_667
    starts = range(0, len(text), 12 * 10)
    started = time.process_time()
    doc = as_doc(text, *((start, start + 6, "NAME") for start in starts))
    assert len(text) > 200_000
    assert doc.text == text
    assert len(doc.ents) == len(starts)
    assert time.process_time() - started < 10
