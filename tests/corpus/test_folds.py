"""Folds, and the choice of a number of notes: whole patients, the same ones at every call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.corpus.formats.docbin import read_docs, write
from spacy_deid.corpus.split import first_docs, fold_docs
from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank

BLANK = fine_blank("es")


def notes(sizes):
    docs = []
    for group, size in enumerate(sizes):
        for number in range(size):
            doc = BLANK.make_doc(f"Nota {number} de {group}")
            doc._.deid_id, doc._.deid_group = f"{group}-{number}", str(group)
            docs.append(doc)
    return docs


def ids(docs):
    return {doc._.deid_id for doc in docs}


def groups(docs):
    return {doc._.deid_group for doc in docs}


SIZES = st.lists(st.integers(1, 3), min_size=20, max_size=30)


@given(SIZES, st.integers(2, 5), st.integers(0, 3))
def test_each_note_is_held_out_of_one_fold_and_no_patient_is_on_both_sides(sizes, folds, seed):
    docs = notes(sizes)
    pairs = fold_docs(docs, folds, seed)
    assert sorted(doc._.deid_id for _, held_out in pairs for doc in held_out) == sorted(ids(docs))
    for train, held_out in pairs:
        assert ids(train) | ids(held_out) == ids(docs)
        assert not groups(train) & groups(held_out)


@given(SIZES, st.integers(1, 20), st.integers(0, 3))
def test_fewer_notes_are_a_part_of_more_and_a_patient_comes_whole(sizes, count, seed):
    docs = notes(sizes)
    some, more = first_docs(docs, count, seed), first_docs(docs, len(docs) - 1, seed)
    assert count <= len(some) < count + 3
    assert ids(some) <= ids(more)
    assert ids(some) == {doc._.deid_id for doc in docs if doc._.deid_group in groups(some)}
    assert ids(first_docs(docs[::-1], count, seed)) == ids(some)


def test_no_number_is_all_and_too_large_a_one_is_refused():
    docs = notes([1] * 4)
    assert first_docs(docs, 0, seed=0) == docs
    for number in (-1, 5):
        with pytest.raises(DeidError, match=f"{number} notes to train on: there are 4"):
            first_docs(docs, number, seed=0)


def test_one_fold_is_refused():
    with pytest.raises(DeidError, match="folds is 1"):
        fold_docs(notes([1] * 4), 1, seed=0)


def test_folds_by_the_command(tmp_path):
    write(notes([1] * 9), tmp_path / "all.spacy")
    result = CliRunner().invoke(app, ["split", str(tmp_path / "all.spacy"), str(tmp_path / "folds"), "--folds", "3"])
    assert result.exit_code == 0, result.output
    sizes = [
        [len(list(read_docs(tmp_path / f"folds/{fold}/{name}.spacy", Vocab()))) for name in ("train", "dev")]
        for fold in range(3)
    ]
    assert sizes == [[6, 3]] * 3
