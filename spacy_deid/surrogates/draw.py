"""Drawing until a surrogate says nothing of what a document hides."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

from spacy_deid.lang.names import folded
from spacy_deid.lang.tables import read_table
from spacy_deid.surrogates.coreference import WORD, name_words
from spacy_deid.surrogates.identifier import Identifier

Draw = Callable[[Random], str]

_DRAWS = 200
_SHORTEST_WORD = 2


class NoSurrogateError(Exception):
    """There is no surrogate for a value, which is therefore masked."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """The originals of a document: none of its values, and no word of its names, may stand in a surrogate."""

    values: frozenset[str]
    name_words: frozenset[str]

    def shows_in(self, surrogate: str) -> bool:
        """Whether a surrogate is one of the originals, or holds a word of a name among them."""
        words = {folded(word) for word in WORD.findall(surrogate)}
        return surrogate.casefold() in self.values or not words.isdisjoint(self.name_words)


def hidden_by(identifiers: Iterable[Identifier], lang: str) -> Hidden:
    """Return what surrogates in the place of ``identifiers`` must not show."""
    ending = read_table(lang, "forms.toml")["genitive"]["ending"]
    values, words = set(), set()
    for each in identifiers:
        value = each.text.casefold()
        values |= {value, value.removesuffix(ending)}
        if each.category == "NAME":
            words |= {folded(word) for word in name_words(each.text, lang)}
    return Hidden(frozenset(values), frozenset(word for word in words if len(word) >= _SHORTEST_WORD))


def draw_unlike(hidden: Hidden, draw: Draw, rng: Random) -> str:
    """Return the first draw that shows nothing hidden; NoSurrogateError after very many that do."""
    for _ in range(_DRAWS):
        drawn = draw(rng)
        if not hidden.shows_in(drawn):
            return drawn
    raise NoSurrogateError


def in_case_of(text: str, surrogate: str) -> str:
    """Return ``surrogate`` in capitals or lower case where all of ``text`` is."""
    letters = [letter for letter in text if letter.isalpha()]
    if len(letters) > 1 and text.isupper():
        return surrogate.upper()
    return surrogate.lower() if text.islower() else surrogate
