"""Facts about a name from a language's lists: first name or surname, gender, origin."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from spacy_deid.lang.names import Origin, folded, without_genitive
from spacy_deid.surrogates.source import source_of

_CLEAR = 1.4  # times likelier: Faker's Swedish women hold some men's names
_LISTS = {"f": "female", "m": "male", "last": "last"}
_RANK_OF_LESS_COMMON = 20  # frequency falls with rank (Zipf's law), less steeply for the first names

_Found = Mapping[str, list[tuple[float, Origin]]]  # by list: the likelihood of each origin


@dataclass(frozen=True, slots=True)
class NameFacts:
    """The origins of a name, likeliest first: as a woman's or a man's first name ("f", "m") and as a surname.

    gender: the gender of a first name; None if it is both or unknown.
    """

    first: Mapping[str, Sequence[Origin]]
    last: Sequence[Origin]
    gender: str | None

    @property
    def is_listed(self) -> bool:
        """Whether any list has the name."""
        return bool(self.first or self.last)


_UNKNOWN = NameFacts({}, [], None)


def known_name(word: str, lang: str) -> NameFacts:
    """Return the facts about a name, which is `folded`."""
    return _names(lang).get(word, _UNKNOWN)


def without_unlisted_genitive(word: str, lang: str) -> str:
    """Return a folded name, without the ending of a genitive if only that form is listed."""
    names = _names(lang)
    stem = without_genitive(word, lang)
    return stem if word not in names and stem in names else word


@cache
def _names(lang: str) -> dict[str, NameFacts]:
    """Return the facts about every name; a name of several origins is likeliest of the one where it is most common."""
    source = source_of(lang)
    found: dict[str, dict[str, list[tuple[float, Origin]]]] = defaultdict(lambda: defaultdict(list))
    for weight, origin in zip(source.origin_weights, source.origins, strict=True):
        for kind in _LISTS:
            for name, rank in _ranks(origin, _LISTS[kind]).items():
                found[name][kind].append((weight / (rank + _RANK_OF_LESS_COMMON), origin))
    return {name: _known(of_name) for name, of_name in found.items()}


def _known(found: _Found) -> NameFacts:
    ordered = {kind: sorted(origins, key=lambda each: -each[0]) for kind, origins in found.items()}
    origins = {kind: [origin for _, origin in each] for kind, each in ordered.items()}
    last = origins.pop("last", [])
    likelihood = {gender: ordered[gender][0][0] for gender in origins}
    likely = sorted(likelihood, key=lambda gender: -likelihood[gender])
    is_clear = len(likely) == 1 or (likely and likelihood[likely[0]] >= _CLEAR * likelihood[likely[1]])
    return NameFacts(origins, last, likely[0] if is_clear else None)


def _ranks(origin: Origin, kind: str) -> dict[str, int]:
    """Return the rank of each single name in a list, which begins with common names; names made by rules are last."""
    texts = origin.grammar.texts("surname" if kind == "last" else f"first_{kind}")
    listed = origin.grammar.plain(kind)
    ranks = dict.fromkeys(map(folded, texts), len(listed))
    for rank, name in reversed([*enumerate(listed)]):
        ranks |= {folded(form): rank for form in (name, origin.agreeing(name, "f") if kind == "last" else name)}
    return ranks
