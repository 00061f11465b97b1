"""The promises of the hand-written Swedish test data."""

from collections import Counter
from pathlib import Path

import pytest
from stdnum import luhn

from spacy_deid.corpus.convert import read_corpus
from spacy_deid.corpus.intake import Intake

ASSETS = Path(__file__).parents[2] / "assets" / "sv"
LABELS = {"NAME", "DATE", "AGE", "LOCATION", "CARE_UNIT", "ORGANIZATION", "ID", "PHONE", "EMAIL", "URL"}


@pytest.fixture(scope="module")
def docs():
    return read_corpus(ASSETS / "notes", Intake(), format="markup", lang="sv", quiet=True)


def marked(docs, label):
    return [doc.text[start:end] for doc in docs for start, end, name in doc._.deid_gold if name == label]


def test_there_are_enough_notes_of_a_notes_length(docs):
    words = [len(doc.text.split()) for doc in docs]
    assert len(docs) >= 40
    assert sum(words) >= 5000
    assert all(40 <= count <= 300 for count in words)


def test_each_label_occurs_several_times_and_no_other(docs):
    counts = Counter(label for doc in docs for *_, label in doc._.deid_gold)
    assert counts.keys() == LABELS
    assert all(count >= 3 for count in counts.values())


def test_some_notes_hold_nothing_to_find(docs):
    assert sum(not doc._.deid_gold for doc in docs) >= 6


def test_line_ends_are_kept_as_they_were_written(docs):
    assert sum("\r\n" in doc.text for doc in docs) >= 2


def test_no_span_begins_or_ends_with_white_space(docs):
    spans = [text for label in LABELS for text in marked(docs, label)]
    assert [text for text in spans if text != text.strip()] == []


def test_most_personal_numbers_have_their_check_digit(docs):
    digits = ["".join(filter(str.isdigit, text)) for text in marked(docs, "ID") if not any(map(str.isalpha, text))]
    personal = [number[-10:] for number in digits if len(number) in (10, 12)]
    right = sum(map(luhn.is_valid, personal))
    assert 20 <= right < len(personal)


def test_plain_sentences_are_many_and_all_different():
    sentences = (ASSETS / "plain.txt").read_text("utf8").splitlines()
    assert len(sentences) == len(set(sentences)) >= 300
    assert all(sentences)
