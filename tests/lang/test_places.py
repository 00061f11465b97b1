"""Towns, and their values for the rules of forms.toml."""

import pytest

from spacy_deid.lang.places import Town, listed_towns, towns, towns_by_name

UMEA = Town("Umeå", "Västerbotten", "90", "090")


@pytest.mark.parametrize(
    ("number", "digits", "postcode"), [(32100, 5, "90321"), (7, 5, "90000"), (321, 3, "903"), (3, 1, "9")]
)
def test_a_postcode_begins_as_those_of_the_town(number: int, digits: int, postcode: str) -> None:
    assert UMEA.postcode(number, digits) == postcode


def test_the_groups_of_the_postcode_and_the_genitive_are_those_of_the_language() -> None:
    values = UMEA.values(32100, "sv")
    assert (values["code_a"], values["code_b"], values["town_gen"]) == ("903", "21", "Umeås")
    assert UMEA.values(32100, "es")["town_gen"] == "Umeå"


@pytest.mark.parametrize("lang", ["sv", "es"])
def test_listed_towns_come_first_and_each_name_is_one_town(lang: str) -> None:
    listed = listed_towns(lang)
    assert list(towns(lang)[: len(listed)]) == listed
    assert {town.name.casefold() for town in towns(lang)} == set(towns_by_name(lang))
    assert all(towns_by_name(lang)[town.name.casefold()] == town for town in listed[:50])
