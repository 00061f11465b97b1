import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.corpus.split import split_docs, split_groups
from spacy_deid.errors import DeidError

FRACTIONS = (0.8, 0.1, 0.1)


@given(st.lists(st.integers(1, 3), min_size=60, max_size=90), st.integers(0, 9))
def test_a_group_is_never_torn_apart_and_the_order_plays_no_part(sizes, seed):
    groups = [f"g{name}" for name, size in enumerate(sizes) for _ in range(size)]
    chosen = split_groups(groups, FRACTIONS, seed)
    of_group = dict(zip(groups, chosen, strict=True))
    assert [of_group[group] for group in groups] == chosen
    shuffled = random.Random(1).sample(groups, len(groups))
    assert [of_group[group] for group in shuffled] == split_groups(shuffled, FRACTIONS, seed)


def test_sizes_are_exact_where_groups_are_small():
    chosen = split_groups([f"patient {n // 2}" for n in range(500)], FRACTIONS, seed=0)
    assert [chosen.count(split) for split in range(3)] == [400, 50, 50]


def test_the_seed_decides():
    groups = [str(n) for n in range(100)]
    assert (
        split_groups(groups, FRACTIONS, 0) == split_groups(groups, FRACTIONS, 0) != split_groups(groups, FRACTIONS, 1)
    )


def test_a_new_note_moves_few():
    groups = [str(n) for n in range(200)]
    before, after = split_groups(groups, FRACTIONS, 0), split_groups([*groups, "new"], FRACTIONS, 0)
    assert sum(a != b for a, b in zip(before, after, strict=False)) <= 4


@pytest.mark.parametrize("fractions", [(), (1.0, 0.0), (0.5, 0.4), (1.2, -0.2)])
def test_fractions_that_are_none_are_an_error(fractions):
    with pytest.raises(DeidError, match="sum of 1"):
        split_groups(["a", "b", "c"], fractions, 0)


def test_too_few_groups_are_an_error():
    with pytest.raises(DeidError, match="100 notes in 1 groups"):
        split_groups(["one"] * 100, FRACTIONS, 0)


def test_docs_without_group_and_id_are_groups_by_their_text(as_doc):
    docs = [as_doc(f"note {n // 2}") for n in range(40)]
    for doc in docs:
        doc._.deid_group = doc._.deid_id = ""
    train, dev = split_docs(docs, (0.5, 0.5), 0)
    assert len(train) == len(dev) == 20
    assert {doc.text for doc in train}.isdisjoint(doc.text for doc in dev)
