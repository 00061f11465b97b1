"""Pieces, units and gold spans meet on characters."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.llm.pieces import labels_of_pieces, pieces_of_units
from spacy_deid.markup import parse

COLUMNS = {"NAME": 1, "DATE": 2}


def ranges(lengths):
    """Return neighbouring ranges of these lengths."""
    edges = [sum(lengths[:number]) for number in range(len(lengths) + 1)]
    return list(itertools.pairwise(edges))


@given(st.lists(st.integers(1, 4), max_size=12), st.lists(st.integers(1, 4), max_size=12))
def test_a_unit_has_the_pieces_that_share_a_character_with_it(piece_lengths, unit_lengths):
    offsets, units = ranges(piece_lengths), ranges(unit_lengths)
    expected = [
        [at for at, (first, last) in enumerate(offsets) if first < end and start < last] for start, end in units
    ]
    assert [list(own) for own in pieces_of_units(offsets, units)] == expected


def test_pieces_of_one_character_all_belong_to_its_unit():
    bytes_of_one_character = [(0, 1), (0, 1), (0, 1), (1, 2)]
    assert [list(own) for own in pieces_of_units(bytes_of_one_character, [(0, 1), (1, 2)])] == [[0, 1, 2], [3]]


@pytest.mark.parametrize(
    ("marked", "pieces", "columns", "begins"),
    [
        ("<NAME>Anna Ek</NAME> sov", ["Anna", " Ek", " sov"], [1, 1, 0], [True, False, False]),
        ("sov <NAME>Ek</NAME>", ["sov", " Ek"], [0, 1], [False, True]),  # a piece begins with the space before it
        ("sov <NAME>Ek</NAME>.", ["sov", " ", "Ek."], [0, 0, 1], [False, False, True]),
        ("<NAME>Ek</NAME> <NAME>Bo</NAME>", ["Ek", " Bo"], [1, 1], [True, True]),
        ("<NAME>Ek</NAME> <DATE>3/5</DATE>", ["Ek", " 3", "/", "5"], [1, 2, 2, 2], [True, True, False, False]),
        ("sov gott", ["sov", " gott"], [0, 0], [False, False]),
    ],
)
def test_a_piece_has_the_label_of_the_span_that_it_touches(marked, pieces, columns, begins):
    text, spans = parse(marked)
    offsets = ranges([len(piece) for piece in pieces])
    found = labels_of_pieces(text, offsets, spans, COLUMNS)
    assert (found[0].tolist(), found[1].tolist()) == (columns, begins)
