"""Places that go together: a town for a town of its size, and streets, postcodes and units of that town."""

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

from spacy_deid.lang.external import populations_of
from spacy_deid.lang.places import Town
from spacy_deid.surrogates.draw import Hidden, NoSurrogateError
from spacy_deid.surrogates.identifier import Identifier, Scope
from spacy_deid.surrogates.legible import is_legible
from spacy_deid.surrogates.source import source_of

_OF_LIKE_SIZE = 40  # so many towns, half of them larger, half smaller


class Places:
    """The towns of a document, and the towns that stand in their place in all of the scope."""

    def __init__(self, identifiers: Sequence[Identifier], scope: Scope, hidden: Hidden) -> None:
        self._scope = scope
        self._hidden = hidden
        self._said = [
            (each.start, each.normal) for each in identifiers if each.category == "LOCATION" and self.is_town(each)
        ]

    def is_town(self, identifier: Identifier) -> bool:
        """Whether a value is the name of a town that the language knows, its genitive included."""
        return self._town(identifier.normal) is not None

    def is_region(self, identifier: Identifier) -> bool:
        """Whether a value is a region of the language's towns."""
        return identifier.normal in {town.region.casefold() for town in source_of(self._scope.lang).towns}

    def is_nominative(self, identifier: Identifier) -> bool:
        """Whether a value is the name of a town or region as it stands: "Borås", not "Umeås"."""
        return identifier.normal in _by_name(self._scope.lang) or self.is_region(identifier)

    def surrogate(self, name: str, version: str) -> Town:
        """Return the town in the place of the town ``name``, one of about as many inhabitants."""
        town = self._town(name)
        towns = _by_size(self._scope.lang)
        place = towns.index(town) if town in towns else len(towns) // 2
        low = max(0, min(place - _OF_LIKE_SIZE // 2, len(towns) - _OF_LIKE_SIZE))
        others = [
            other
            for other in towns[low : low + _OF_LIKE_SIZE]
            if other != town and not self._hidden.shows_in(other.name) and not self._hidden.shows_in(other.region)
        ]
        if not others:
            raise NoSurrogateError
        # "Boo" or "Lund" alone would be read as a name
        legible = [other for other in others if is_legible(other.name, "LOCATION", self._scope.lang)]
        return self._scope.random("town", town.name if town else name, version).choice(legible or others)

    def around(self, identifier: Identifier, version: str) -> Town:
        """Return the surrogate of the town that the document says closest to a value; any town where it says none."""
        closest = min(self._said, key=lambda said: abs(said[0] - identifier.start), default=(0, ""))
        return self.surrogate(closest[1], version)

    def region(self, identifier: Identifier, version: str, rng: Random) -> str:
        """Return the region of the surrogate of the town closest to a region; any other where that is the same."""
        region = self.around(identifier, version).region
        others = {
            town.region for town in source_of(self._scope.lang).towns if town.region.casefold() != identifier.normal
        }
        return region if region in others else rng.choice(sorted(others))

    def _town(self, name: str) -> Town | None:
        towns = _by_name(self._scope.lang)
        ending = source_of(self._scope.lang).forms["genitive"]["ending"]
        return towns.get(name) or towns.get(name.removesuffix(ending))


def town_values(town: Town, lang: str, rng: Random) -> dict[str, str]:
    """Return what the rules of forms.toml say of a town."""
    genitive = source_of(lang).forms["genitive"]
    bare = town.name[-1].lower() in genitive["bare_after"]
    code = f"{town.postal}{rng.randrange(10**5):05}"[:5]
    return {
        "town": town.name,
        "town_gen": town.name if bare else town.name + genitive["ending"],
        "region": town.region,
        "area": town.area,
        "postal": town.postal,
        "code_a": code[:3],
        "code_b": code[3:],
    }


@cache
def _by_name(lang: str) -> Mapping[str, Town]:
    return {town.name.casefold(): town for town in reversed(source_of(lang).towns)}


@cache
def _by_size(lang: str) -> Sequence[Town]:
    source = source_of(lang)
    inhabitants = populations_of(source.forms["geonames"]["country"])
    return sorted(_by_name(lang).values(), key=lambda town: (inhabitants.get(town.name, 0), town.name))
