"""All dates of a scope move by the same number of days, never by zero."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.redact.modes.shift import Shift, shift_days
from spacy_deid.surrogates.identifier import Identifier, Scope

SCOPE = Scope(b"a key", "document 1", "sv")
DOC = fine_blank("sv")("")


def shifted(*texts: str, scope: Scope = SCOPE, **settings: bool) -> list[str]:
    identifiers = [Identifier(number, number + 1, text, "DATE", "DATE") for number, text in enumerate(texts)]
    return Shift(**settings)(identifiers, DOC, scope)


@given(key=st.binary(min_size=1), name=st.text(), keep_weekday=st.booleans())
def test_dates_move_by_some_days_and_less_than_a_year(key, name, keep_weekday) -> None:
    days = shift_days(Scope(key, name, "sv"), keep_weekday)
    assert 0 < abs(days) < 365
    assert (days % 7 == 0) == keep_weekday


FORMS = ["2023-04-12", "12/4", "i april", "2023", "v. 15", "tisdag", "onsdag 12/4", "2023-04", "den 12 april"]


@given(key=st.binary(min_size=1), text=st.sampled_from(FORMS))
def test_no_date_stays_what_it_is(key, text) -> None:
    assert shifted(text, scope=Scope(key, "document 1", "sv"))[0] not in {text, "[DATE]"}


@pytest.mark.parametrize("text", ["julafton", "31/4", "Anna Ek", "12/4 kl. 10"])
def test_what_cannot_be_read_is_masked(text: str) -> None:
    assert shifted(text) == ["[DATE]"]


def test_a_date_without_a_year_is_of_the_year_that_the_document_says() -> None:
    moved = [shifted(f"{year}-02-28", "28/2") for year in (2023, 2024)]
    assert [full[-5:].split("-") for full, _ in moved] == [
        [f"{int(part):02}" for part in reversed(short.split("/"))] for _, short in moved
    ]


def test_weekdays_are_kept_where_asked() -> None:
    kept = shifted("onsdag 12/4-23", "onsdag", keep_weekday=True)
    assert kept[0].startswith("onsdag ")
    assert kept[1] == "onsdag"
    assert not shifted("onsdag 12/4-23")[0].startswith("onsdag ")


def test_another_scope_and_another_key_move_otherwise() -> None:
    scopes = [Scope(key, name, "sv") for key in (b"1", b"2", b"3") for name in ("a", "b", "c")]
    assert len({shift_days(scope) for scope in scopes}) > 6
