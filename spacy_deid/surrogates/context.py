"""The context of a surrogate: the key, the other values of the document, and their people and towns."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from random import Random

from spacy_deid.labels import category_of
from spacy_deid.lang.names import folded, without_genitive
from spacy_deid.lang.recognizer import Recognizer, load_rules
from spacy_deid.surrogates.coreference import Referent, people_of
from spacy_deid.surrogates.identifier import Identifier, Scope
from spacy_deid.surrogates.name_words import WORD, name_words

Draw = Callable[[Random], str]

OF_PEOPLE = ("NAME", "EMAIL")
_DRAWS = 200
_SHORTEST_WORD = 2


class NoSurrogateError(Exception):
    """There is no surrogate for a value, which is therefore masked."""


@dataclass(frozen=True, slots=True)
class Context:
    """The common context of the surrogates of a document.

    days: by how many days dates move. values: the originals, casefolded; words: the folded words of the names among
    them; neither may show in a surrogate. people: the person of each name and e-mail address, by its start. places: the
    start and the `Identifier.normal` of each LOCATION. version: each version has other surrogates for the same values.
    """

    scope: Scope
    days: int
    values: frozenset[str]
    words: frozenset[str]
    people: Mapping[int, Referent]
    places: Sequence[tuple[int, str]]
    version: str = ""

    @classmethod
    def of(
        cls, identifiers: Sequence[Identifier], entities: Iterable[Identifier], scope: Scope, days: int
    ) -> "Context":
        """Return the context of a document.

        Args:
            identifiers: the entities that get surrogates.
            entities: all entities of the document.
            scope: the scope within which a value keeps its surrogate.
            days: by how many days the dates of the scope move.
        """
        named = [each for each in identifiers if each.category in OF_PEOPLE]
        people = people_of([each.text for each in named], scope.lang)
        originals = list(entities)
        names = (each.text for each in originals if each.category == "NAME")
        words = {folded(word) for name in names for word in name_words(name, scope.lang)}
        values = {each.text.casefold() for each in originals}
        return cls(
            scope,
            days,
            frozenset(values | {without_genitive(value, scope.lang) for value in values}),
            frozenset(word for word in words if len(word) >= _SHORTEST_WORD),
            {each.start: person for each, person in zip(named, people, strict=True)},
            [(each.start, each.normal) for each in identifiers if each.category == "LOCATION"],
        )

    @property
    def lang(self) -> str:
        """Code of the language pack."""
        return self.scope.lang

    def random(self, *parts: str) -> Random:
        """Return a generator that is always the same for the same scope, version and ``parts``."""
        return self.scope.random(*parts, self.version)

    def random_of(self, identifier: Identifier) -> Random:
        """Return the generator of a value's surrogate, the same for all mentions of the value."""
        return self.random(identifier.category, identifier.normal)

    def shows_in(self, surrogate: str) -> bool:
        """Whether a surrogate is one of the originals, or has a word of a name among them."""
        if surrogate.casefold() in self.values:
            return True
        return bool(self.words) and any(folded(word) in self.words for word in WORD.findall(surrogate))

    def draw(self, draw: Draw, rng: Random) -> str:
        """Return the first draw that shows no original; NoSurrogateError after very many that do."""
        for _ in range(_DRAWS):
            drawn = draw(rng)
            if not self.shows_in(drawn):
                return drawn
        raise NoSurrogateError


def in_case_of(text: str, surrogate: str) -> str:
    """Return ``surrogate`` in capitals or in lower case if ``text`` is."""
    letters = [letter for letter in text if letter.isalpha()]
    if len(letters) > 1 and text.isupper():
        return surrogate.upper()
    return surrogate.lower() if text.islower() else surrogate


@lru_cache(maxsize=10_000)
def is_recognised(surrogate: str, category: str, lang: str) -> bool:
    """Whether a rule of the language recognises a surrogate.

    Args:
        surrogate: the value, without any context.
        category: its category.
        lang: code of the language pack.

    Returns:
        Whether a match of the category covers all of ``surrogate``.
    """
    whole = (0, len(surrogate))
    return any(
        (match.start, match.end) == whole
        for recognizer in _recognizers(category, lang)
        for match in recognizer.find(surrogate)
    )


@cache
def _recognizers(category: str, lang: str) -> tuple[Recognizer, ...]:
    return tuple(
        recognizer
        for recognizer in load_rules(lang).recognizers
        if category_of(recognizer.label) == category and recognizer.context is None
    )
