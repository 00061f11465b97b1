"""The view of a text that everything which compares or matches text shares."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.lang.names import folded
from spacy_deid.text import BASE_LETTERS, as_seen, without_diacritics

AS_SEEN = (
    ("Go\u0308ran A\u030akesson", "Göran Åkesson"),
    ("070\u00a0123\u202f45 67", "070 123 45 67"),
    ("850412\u20111234", "850412-1234"),
    ("850412\u22121234", "850412-1234"),
    ("\uff11\uff12\uff0d\uff21", "12-A"),
    ("Sa\ufb01ra", "Safira"),
    ("An\u00adna\u200b Ek\ufeff", "Anna Ek"),
    ("rad\u2028rad", "rad\nrad"),
    ("\u200bAnna", "Anna"),
    ("12–14 maj", "12–14 maj"),
    ("5 m² är H₂O", "5 m² är H₂O"),
    ("tab\tstays\r\n", "tab\tstays\r\n"),
    ("", ""),
)


@pytest.mark.parametrize(("text", "seen"), AS_SEEN)
def test_one_view_of_what_looks_the_same(text: str, seen: str) -> None:
    assert as_seen(text).text == seen


def test_ranges_are_those_of_the_original() -> None:
    text = "Pat Go\u0308ran\u200b, 070\u2011123"
    view = as_seen(text)
    start = view.text.index("Göran")
    assert text[slice(*view.original(start, start + 5))] == "Go\u0308ran"
    start = view.text.index("070-123")
    assert text[slice(*view.original(start, start + 7))] == "070\u2011123"


@given(st.text())
def test_a_view_of_a_view_is_the_same(text: str) -> None:
    seen = as_seen(text).text
    assert as_seen(seen).text == seen


@given(st.text(st.characters(max_codepoint=0x52F) | st.sampled_from("\u212b\u1e9e\u1ef9\uff21")))
def test_composed_and_decomposed_text_look_the_same(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert as_seen(composed).text == as_seen(decomposed).text


@given(st.text(), st.data())
def test_the_view_of_a_range_is_within_its_original(text: str, data: st.DataObject) -> None:
    view = as_seen(text)
    start = data.draw(st.integers(0, len(view.text)))
    end = data.draw(st.integers(start, len(view.text)))
    first, last = view.original(start, end)
    assert 0 <= first <= last <= len(text)
    assert view.text[start:end] in as_seen(text[first:last]).text or start == end


@pytest.mark.parametrize(("letter", "base"), BASE_LETTERS.items())
def test_a_letter_that_unicode_does_not_take_apart_has_one_base_letter_everywhere(letter: str, base: str) -> None:
    assert without_diacritics(letter) == base
    assert folded(letter) == base.lower()
