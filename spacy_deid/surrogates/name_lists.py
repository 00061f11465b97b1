"""What the lists of names of a language tell of a name: first name or surname, gender, origin."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

from spacy_deid.lang.names import Origin, folded
from spacy_deid.surrogates.source import source_of


@dataclass(slots=True)
class Known:
    """The origins, likeliest first, in whose lists a name stands: as a woman's, a man's ("f", "m") or a surname."""

    first: dict[str, list[Origin]] = field(default_factory=dict)
    last: list[Origin] = field(default_factory=list)
    likelihood: dict[str, float] = field(default_factory=dict)  # by gender, of its likeliest origin

    @property
    def gender(self) -> str | None:
        """The gender "f" or "m" of those who have this first name, None where it is either or not known."""
        likely = sorted(self.likelihood, key=lambda gender: -self.likelihood[gender])
        if len(likely) > 1 and self.likelihood[likely[0]] < _CLEAR * self.likelihood[likely[1]]:
            return None
        return likely[0] if likely else None


_CLEAR = 1.4  # times likelier: Faker's Swedish women hold some men's names
_LISTS = {"female": "f", "male": "m", "last": ""}
_RANK_OF_LESS_COMMON = 20  # how often a name is borne falls with its rank (Zipf), though not so fast for the first
_UNKNOWN = Known()


def known_name(word: str, lang: str) -> Known:
    """Return what is known of a name, given as `folded`."""
    return _names(lang).get(word, _UNKNOWN)


def without_genitive(word: str, lang: str) -> str:
    """Return the folded name itself, where only without its genitive ending it is a known name."""
    ending = source_of(lang).forms["genitive"]["ending"]
    names = _names(lang)
    stem = word.removesuffix(ending)
    return stem if word not in names and stem in names else word


@cache
def _names(lang: str) -> dict[str, Known]:
    """Return what is known of every name; a name of many origins is likeliest of that where it is most common."""
    source = source_of(lang)
    names: dict[str, Known] = defaultdict(Known)
    likelihood: dict[tuple[str, str, str], float] = {}
    for weight, origin in zip(source.origin_weights, source.origins, strict=True):
        for kind in _LISTS:
            for name, rank in _ranks(origin, kind).items():
                known = names[name]
                likelihood[name, kind, origin.name] = weight / (rank + _RANK_OF_LESS_COMMON)
                (known.last if kind == "last" else known.first.setdefault(_LISTS[kind], [])).append(origin)
    for name, known in names.items():
        known.last.sort(key=lambda origin: -likelihood[name, "last", origin.name])
        for kind in ("female", "male"):
            if origins := known.first.get(_LISTS[kind]):
                origins.sort(key=lambda origin: -likelihood[name, kind, origin.name])
                known.likelihood[_LISTS[kind]] = likelihood[name, kind, origins[0].name]
    return dict(names)


def _ranks(origin: Origin, kind: str) -> dict[str, int]:
    """Return the place of each single name in a list, which begins with common names; what rules make up is last."""
    texts = origin.grammar.texts("surname" if kind == "last" else f"first_{kind}")
    listed = origin.grammar.plain(kind)
    ranks = dict.fromkeys(map(folded, texts), len(listed))
    for rank, name in reversed([*enumerate(listed)]):
        ranks |= {folded(form): rank for form in (name, origin.agreeing(name, "f") if kind == "last" else name)}
    return ranks
