"""Windows hold every piece, break at ends of lines and sentences, and share the decisions without gap or overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.llm.windows import cut, deciding_parts


def character_pieces(text):
    return [(at, at + 1) for at in range(len(text))]


@given(st.text(alphabet="ab .\n", max_size=120), st.integers(5, 30), st.integers(0, 2))
def test_each_piece_is_decided_exactly_once_by_a_window_that_holds_it(text, longest, overlap):
    windows = cut(text, character_pieces(text), longest, overlap)
    parts = deciding_parts(windows)

    assert [at for part in parts for at in range(part.start, part.end)] == list(range(len(text)))
    assert all(windows[part.window].start <= part.start <= part.end <= windows[part.window].end for part in parts)
    assert all(window.end - window.start <= longest for window in windows)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Anna Ek sov. Bo Ek sov gott hela", "Anna Ek sov. "),
        ("Anna Ek sov\nBo Ek sov gott hela n", "Anna Ek sov\n"),
        ("Anna Ek sov gott hela natten lång", "Anna Ek sov gott hel"),  # no end: as long as it may be
        ("Kort. Anna Ek sov gott hela natten", "Kort. Anna Ek sov go"),  # an end in the first half is too early
    ],
)
def test_a_window_ends_with_a_line_or_a_sentence(text, first):
    start, end = cut(text, character_pieces(text), longest=20, overlap=0)[0]
    assert text[start:end] == first


def test_neighbours_share_an_overlap_half_and_half():
    windows = cut("x" * 30, character_pieces("x" * 30), longest=20, overlap=6)
    assert windows == [(0, 20), (14, 30)]
    assert deciding_parts(windows) == [(0, 0, 17), (1, 17, 30)]


def test_a_note_without_a_piece_has_one_empty_window():
    assert deciding_parts(cut("", [], longest=20, overlap=2)) == [(0, 0, 0)]
