"""Digits take the form of others."""

from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.lang.digits import pour


@given(st.text(st.sampled_from("0123456789 -+()x")))
def test_only_digits_change(form: str) -> None:
    count = sum(character.isdigit() for character in form)
    poured = pour("7" * count, form)
    assert "".join("7" if character.isdigit() else character for character in form) == poured
