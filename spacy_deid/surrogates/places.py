"""Consistent places: a town for a town of like size, and streets, postcodes and units of that town."""

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

from spacy_deid.lang.external import populations_of
from spacy_deid.lang.names import without_genitive
from spacy_deid.lang.pack import pack_of
from spacy_deid.lang.places import Town, towns, towns_by_name
from spacy_deid.surrogates.context import Context, NoSurrogateError, is_recognised
from spacy_deid.surrogates.identifier import Identifier

_OF_LIKE_SIZE = 40  # towns, half of them larger, half smaller


def town_named(normal: str, lang: str) -> Town | None:
    """Return the town named by an `Identifier.normal`, which may be a genitive; None if there is none."""
    by_name = towns_by_name(lang)
    return by_name.get(normal) or by_name.get(without_genitive(normal, lang))


def is_region(normal: str, lang: str) -> bool:
    """Whether an `Identifier.normal` is a region of the language's towns."""
    return normal in _regions(lang)


def is_nominative(normal: str, lang: str) -> bool:
    """Whether an `Identifier.normal` is the name of a town or region, not its genitive: "Borås", not "Umeås"."""
    return normal in towns_by_name(lang) or is_region(normal, lang)


def other_town(normal: str, context: Context) -> Town:
    """Return the surrogate of the town named by an `Identifier.normal`: one with about as many inhabitants."""
    town = town_named(normal, context.lang)
    ordered = _by_size(context.lang)
    place = _rank(context.lang).get(town.name, len(ordered) // 2) if town else len(ordered) // 2
    low = max(0, min(place - _OF_LIKE_SIZE // 2, len(ordered) - _OF_LIKE_SIZE))
    others = [
        other
        for other in ordered[low : low + _OF_LIKE_SIZE]
        if other != town and not context.shows_in(other.name) and not context.shows_in(other.region)
    ]
    if not others:
        raise NoSurrogateError
    # "Boo" or "Lund" alone would be read as a name
    recognised = [other for other in others if is_recognised(other.name, "LOCATION", context.lang)]
    return context.random("town", town.name if town else normal).choice(recognised or others)


def town_around(identifier: Identifier, context: Context) -> Town:
    """Return the surrogate of the town that is mentioned closest to a value; any town if none is mentioned."""
    mentioned = (place for place in context.places if town_named(place[1], context.lang))
    closest = min(mentioned, key=lambda place: abs(place[0] - identifier.start), default=(0, ""))
    return other_town(closest[1], context)


def other_region(identifier: Identifier, context: Context, rng: Random) -> str:
    """Return the surrogate of a region.

    Args:
        identifier: the region.
        context: the context of the document.
        rng: draws a region if the first choice is the same.

    Returns:
        The region of the surrogate of the closest town; any other if that is the same.
    """
    region = town_around(identifier, context).region
    others = {town.region for town in towns(context.lang) if town.region.casefold() != identifier.normal}
    return region if region in others else rng.choice(sorted(others))


@cache
def _regions(lang: str) -> frozenset[str]:
    return frozenset(town.region.casefold() for town in towns(lang))


@cache
def _by_size(lang: str) -> Sequence[Town]:
    inhabitants = populations_of(pack_of(lang).table("forms.toml")["geonames"]["country"])
    return sorted(towns_by_name(lang).values(), key=lambda town: (inhabitants.get(town.name, 0), town.name))


@cache
def _rank(lang: str) -> Mapping[str, int]:
    return {town.name: place for place, town in enumerate(_by_size(lang))}
