import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.markup import parse, render

TEXT = st.text(st.sampled_from("ab<>&;/ltmpå\n\r\t 🙂\u200b\u2028"), max_size=20)


@given(st.lists(st.tuples(TEXT, st.sampled_from(["", "NAME", "DATE"])), max_size=6))
def test_what_is_rendered_parses_to_the_same_text_and_spans(pieces):
    text, spans = "", []
    for piece, label in pieces:
        if label and piece:
            spans.append(CharSpan(len(text), len(text) + len(piece), label))
        text += piece
    assert parse(render(text, spans)) == (text, spans)


def test_spans_count_characters_of_the_text_without_tags():
    text, spans = parse("R&amp;D &lt;3: <NAME>Anna Ek</NAME>, <DATE>1 maj</DATE>")
    assert text == "R&D <3: Anna Ek, 1 maj"
    assert [(text[start:end], label) for start, end, label in spans] == [("Anna Ek", "NAME"), ("1 maj", "DATE")]


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        ("<NAME>Anna <DATE>1 maj</DATE></NAME>", "a tag within a tag"),
        ("<NAME>Anna", "never closed"),
        ("Anna</NAME>", "opening tag is missing"),
        ("<NAME>Anna</DATE>", "opening tag is missing"),
        ("<NAME></NAME>", "around nothing"),
        ("<Anna>", "unknown tag"),
        ("a < b", "literal < or &"),
        ("R&D", "literal < or &"),
    ],
)
def test_bad_markup_is_an_error_that_names_the_line_and_no_text(markup, problem):
    with pytest.raises(DeidError, match=rf"line 3.*{problem}") as error:
        parse(f"ok\n\n{markup}")
    assert "Anna" not in str(error.value)


def test_labels_are_those_of_the_table_unless_given():
    assert parse("<Alder>4</Alder>", {"Alder"})[1] == [CharSpan(0, 1, "Alder")]
    with pytest.raises(DeidError, match="unknown tag"):
        parse("<Alder>4</Alder>")


@pytest.mark.parametrize(
    ("spans", "problem"),
    [
        ([CharSpan(0, 3, "NAME"), CharSpan(2, 4, "DATE")], "overlaps"),
        ([CharSpan(0, 3, "NAME"), CharSpan(0, 3, "DATE")], "overlaps"),
        ([CharSpan(2, 2, "NAME")], "empty"),
        ([CharSpan(2, 9, "NAME")], "outside"),
    ],
)
def test_spans_that_markup_cannot_hold_are_errors(spans, problem):
    with pytest.raises(DeidError, match=problem):
        render("abcd", spans)
