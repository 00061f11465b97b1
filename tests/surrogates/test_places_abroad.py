"""Surrogates of places abroad: a country for a country, a foreign town for a foreign town, in the same form."""

import pytest

from spacy_deid.errors import DeidError
from spacy_deid.lang.external import countries_in
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.redact.modes.surrogate import Surrogate
from spacy_deid.surrogates.identifier import Identifier, Scope
from spacy_deid.surrogates.rules import grammar_of
from spacy_deid.surrogates.source import source_of

KEYS = [str(number).encode() for number in range(20)]
NLP = fine_blank("sv")


def places(*texts: str, lang: str = "sv", key: bytes = b"a key") -> list[str]:
    """Return the surrogates of places that stand one to a line."""
    doc = NLP.make_doc("\n".join(texts))
    starts = [sum(len(text) + 1 for text in texts[:number]) for number in range(len(texts))]
    identifiers = [
        Identifier(start, start + len(text), text, "LOCATION", "LOCATION")
        for start, text in zip(starts, texts, strict=True)
    ]
    doc.ents = [doc.char_span(each.start, each.end, each.label) for each in identifiers]
    return Surrogate()(identifiers, doc, Scope(key, "document", lang))


def listed(*rules: str, lang: str) -> set[str]:
    return {name for rule in rules for name in grammar_of(lang).plain(rule)}


@pytest.mark.parametrize(
    ("lang", "country"),
    [
        ("sv", "Libyen"),
        ("sv", "Nya Zeeland"),
        ("sv", "Irak"),
        ("es", "Libia"),
        ("es", "Nueva Zelanda"),
        ("es", "Irak"),
        ("nb", "Libya"),
        ("nb", "Samoa"),  # in mimesis's list alone, which is of "no"
    ],
)
def test_a_country_becomes_another_country(lang: str, country: str) -> None:
    drawn = [places(country, lang=lang, key=key)[0] for key in KEYS]
    assert {*drawn} <= listed("land", lang=lang) - {country}
    assert len({*drawn}) > 10


def test_a_spanish_speaking_country_becomes_another() -> None:
    drawn = {places("Argentina", lang="es", key=key)[0] for key in KEYS}
    assert drawn <= listed("land_hispanic", lang="es") - {"Argentina"}


@pytest.mark.parametrize(
    ("lang", "town"),
    [
        *[("sv", town) for town in ("Quito", "Luxor", "Köpenhamn", "São Paulo")],
        *[("es", town) for town in ("Quito", "Nueva York", "Tánger", "Berlín")],
    ],
)
def test_a_foreign_town_becomes_another_foreign_town(lang: str, town: str) -> None:
    drawn = [places(town, lang=lang, key=key)[0] for key in KEYS]
    assert {*drawn} <= listed("foreign_city", lang=lang) - {town}
    assert len({*drawn}) > 10


@pytest.mark.parametrize(
    ("lang", "town"),
    [("sv", "Umeå"), ("sv", "Berga"), ("sv", "Haga"), ("es", "Córdoba"), ("es", "Valencia"), ("es", "Villanueva")],
)
def test_a_name_that_a_place_at_home_has_too_is_that_place(lang: str, town: str) -> None:
    abroad = listed("land", "foreign_city", lang=lang)
    assert abroad.isdisjoint(places(town, lang=lang, key=key)[0] for key in KEYS)


@pytest.mark.parametrize("place", ["Umeå", "Libyen", "Quito", "Skåne", "Italien"])
def test_all_forms_of_a_place_agree(place: str) -> None:
    plain, genitive, capitals, lower = places(place, f"{place}s", place.upper(), place.lower())
    assert genitive == (plain if plain[-1] in "sxz" else f"{plain}s")
    assert (capitals, lower) == (plain.upper(), plain.lower())


@pytest.mark.parametrize("place", ["Libyen", "Luxor", "Libyens", "Umeås"])
def test_no_original_of_the_document_is_drawn_and_no_genitive_of_one(place: str) -> None:
    towns = {town.name for town in source_of("sv").towns}
    others = sorted(listed("land", "foreign_city", lang="sv") | towns)[::3]
    originals = [place, *(f"{other}s" for other in others)]
    drawn = places(*originals)[0]
    assert drawn.casefold() not in {form.casefold() for other in others for form in (other, f"{other}s")}


def test_a_language_that_mimesis_has_not_is_named_with_the_remedy() -> None:
    with pytest.raises(DeidError, match=r"no lists of the language 'nb'\. Remedy: .*countries:no"):
        countries_in("nb")
