"""A number in the form of another one."""

from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.lang.identity import in_form


@given(st.text(st.sampled_from("0123456789 -+()x")))
def test_only_digits_change(form: str) -> None:
    count = sum(character.isdigit() for character in form)

    filled = in_form("7" * count, form)

    assert "".join("7" if character.isdigit() else character for character in form) == filled
