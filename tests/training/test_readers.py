"""deid.WithPublic.v1: the training notes, and public ones."""

import pytest
from spacy.training import Corpus, Example
from spacy.util import registry

from spacy_deid.corpus.formats.docbin import write
from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.training.readers import create_with_public

NLP = fine_blank("xx")
OWN, PUBLIC = ["Ana Ek sover.", "Ali Berg ringer."], ["Bo Lind mår bra."]


@pytest.fixture
def file(tmp_path):
    """Write texts, each with a name at its start, as a corpus file."""

    def save(name, texts, label="NAME"):
        docs = [NLP.make_doc(text) for text in texts]
        for doc in docs:
            doc.set_ents([doc.char_span(0, doc.text.index(" ", 4), label)])
        write(docs, tmp_path / f"{name}.spacy")
        return tmp_path / f"{name}.spacy"

    return save


def read(path, public, **settings):
    """Return the examples of the reader of a config, in which file names are text."""
    public = public and str(public)
    block = {"@readers": "deid.WithPublic.v1", "path": str(path), "public": public, **settings}
    reader = registry.resolve({"train": block})["train"]
    nlp = fine_blank("sv")
    first, second = list(reader(nlp)), list(reader(nlp))  # once an epoch
    assert texts(first) == texts(second)
    return first


def texts(examples):
    return [example.reference.text for example in examples]


def test_without_public_notes_it_reads_what_spacys_reader_reads(file):
    own = file("own", OWN)
    assert texts(read(own, None)) == texts(Corpus(own)(fine_blank("sv"))) == OWN


def test_public_notes_stand_beside_the_others_with_their_annotation(file):
    examples = read(file("own", OWN), file("public", PUBLIC))
    assert texts(examples) == OWN + PUBLIC
    assert [[ent.text for ent in example.reference.ents] for example in examples] == [
        ["Ana Ek"],
        ["Ali Berg"],
        ["Bo Lind"],
    ]
    assert not any(example.predicted.ents for example in examples)


def test_there_may_be_no_public_note(file):
    assert texts(read(file("own", OWN), file("public", []))) == OWN


def test_a_few_notes_can_be_read_several_times_beside_many_public_ones(file):
    assert texts(read(file("own", OWN), file("public", PUBLIC), copies=3)) == OWN * 3 + PUBLIC


def test_the_first_copy_is_the_note_and_the_others_are_what_an_augmenter_makes_of_it(file):
    def other(nlp, example):
        doc = NLP.make_doc(example.reference.text.replace("Ek", "Al"))
        doc.set_ents([doc.char_span(0, 6, "NAME")])
        yield Example(nlp.make_doc(doc.text), doc)

    reader = create_with_public(file("own", OWN[:1]), file("public", PUBLIC), copies=3, augmenter=other)
    assert texts(reader(fine_blank("sv"))) == [OWN[0], "Ana Al sover.", "Ana Al sover.", *PUBLIC]


def test_no_copy_at_all_is_refused(file):
    with pytest.raises(DeidError, match="copies is 0"):
        read(file("own", OWN), None, copies=0)
