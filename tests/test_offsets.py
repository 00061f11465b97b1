"""From the untouched to the redacted text and back: tables and properties."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.offsets import OffsetMap, Replacement, rewritten

TEXT = "Pat Anna Ek, 12/4."
REPLACEMENTS = [Replacement(4, 11, "[NAME]"), Replacement(13, 17, "[DATE_10]")]
REDACTED = "Pat [NAME], [DATE_10]."


def test_rewriting() -> None:
    assert rewritten(TEXT, REPLACEMENTS) == REDACTED


@pytest.mark.parametrize(
    ("original", "redacted", "back"),
    [
        ((0, 3), (0, 3), (0, 3)),
        ((0, 4), (0, 4), (0, 4)),  # up to a span
        ((4, 11), (4, 10), (4, 11)),  # the span
        ((5, 7), (4, 10), (4, 11)),  # within it
        ((3, 5), (3, 10), (3, 11)),  # into it
        ((10, 12), (4, 11), (4, 12)),  # out of it
        ((11, 13), (10, 12), (11, 13)),  # between two
        ((0, 18), (0, 22), (0, 18)),
        ((16, 18), (12, 22), (13, 18)),
        ((17, 18), (21, 22), (17, 18)),  # after the last
        ((4, 4), (4, 4), (4, 4)),
        ((11, 11), (10, 10), (11, 11)),
    ],
)
def test_both_ways(original: tuple[int, int], redacted: tuple[int, int], back: tuple[int, int]) -> None:
    offsets = OffsetMap(REPLACEMENTS)
    assert offsets.to_redacted(*original) == redacted
    assert offsets.to_original(*redacted) == back


def test_nothing_replaced() -> None:
    assert OffsetMap([]).to_redacted(2, 5) == OffsetMap([]).to_original(2, 5) == (2, 5)


@pytest.mark.parametrize("span", [(-1, 2), (3, 2)])
def test_no_span(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="not a span"):
        OffsetMap(REPLACEMENTS).to_redacted(*span)


@st.composite
def replaced_texts(draw) -> tuple[str, list[Replacement]]:
    """A text with replacements of any length, adjacent ones among them."""
    text = draw(st.text(max_size=30))
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pairs = [pair for pair in pairwise(borders) if draw(st.booleans())]
    return text, [Replacement(start, end, draw(st.text(max_size=5))) for start, end in pairs]


@given(replaced_texts())
def test_replacements_lie_where_the_map_says(replaced: tuple[str, list[Replacement]]) -> None:
    text, replacements = replaced
    offsets, redacted = OffsetMap(replacements), rewritten(text, replacements)
    for start, end, replacement, *_ in replacements:
        new_start, new_end = offsets.to_redacted(start, end)
        assert redacted[new_start:new_end] == replacement
        if replacement:
            assert offsets.to_original(new_start, new_end) == (start, end)


@given(replaced_texts())
def test_all_other_characters_map_one_to_one(replaced: tuple[str, list[Replacement]]) -> None:
    text, replacements = replaced
    offsets, redacted = OffsetMap(replacements), rewritten(text, replacements)
    gone = {position for start, end, *_ in replacements for position in range(start, end)}
    for position in set(range(len(text))) - gone:
        (start, end) = offsets.to_redacted(position, position + 1)
        assert redacted[start:end] == text[position]
        assert offsets.to_original(start, end) == (position, position + 1)


@given(replaced=replaced_texts(), data=st.data())
def test_there_and_back_widens_and_never_narrows(replaced: tuple[str, list[Replacement]], data) -> None:
    text, replacements = replaced
    offsets, redacted = OffsetMap(replacements), rewritten(text, replacements)
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    new_start, new_end = offsets.to_redacted(start, end)
    assert 0 <= new_start <= new_end <= len(redacted)
    back_start, back_end = offsets.to_original(new_start, new_end)
    if all(replacement.text for replacement in replacements):
        assert back_start <= start <= end <= back_end
