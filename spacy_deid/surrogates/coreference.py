"""Coreference of names: full name, surname or first name alone, initials, genitive and e-mail address of one person.

It is resolved from the names alone, without lists of names. A name that fits several persons refers to the one last
mentioned before it: "Anna" after "Anna Ek" is that Anna, though there is an Anna Berg elsewhere.
"""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import merge
from itertools import chain, combinations

from spacy_deid.lang.names import folded, genitive_ending, without_genitive
from spacy_deid.surrogates.name_words import (
    WORD,
    are_first_letters,
    base_of,
    local_letters,
    may_be_initials,
    name_words,
    spelled,
)

_LONGEST_LOCAL_PART = 64  # of an e-mail address (RFC 5321, 4.5.3.1.1)


@dataclass(eq=False, slots=True)
class Referent:
    """The person that one or more names of a document refer to; ``words``: folded, first names before surnames."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Mention:
    words: tuple[str, ...]  # folded, a single letter is an initial
    may_be_initials: bool
    email: str

    @property
    def full_words(self) -> int:
        return sum(len(word) > 1 for word in self.words)


def people_of(texts: Sequence[str], lang: str) -> list[Referent]:
    """Return the person of each text (a name or an e-mail address), the same object for the same person."""
    mentions = [_mention(text, lang) for text in texts]
    people = _Nearby()
    found: dict[int, Referent] = {}
    # the fullest names first, so that shorter ones match their person
    order = sorted(
        range(len(texts)),
        key=lambda index: (bool(mentions[index].email), mentions[index].may_be_initials, -mentions[index].full_words),
    )
    for index in order:
        mention = mentions[index]
        fits = partial(_fits, mention, lang=lang)
        person = people.nearest(index, _keys_to_seek(mention, people, lang), fits) or Referent(mention.words)
        people.add(person, index, _keys(person.words))
        found[index] = person
    return [found[index] for index in range(len(texts))]


def _mention(text: str, lang: str) -> _Mention:
    if letters := local_letters(text) if "@" in text else "":
        return _Mention((letters,), False, letters)
    family, comma, given = text.partition(",")
    words = (
        name_words(given, lang) + name_words(family, lang) if comma and WORD.search(given) else name_words(text, lang)
    )
    plain = tuple(folded(word) or word.casefold() for word in words) or (text.casefold(),)
    return _Mention(plain, may_be_initials(words), "")


def _fits(mention: _Mention, person: Referent, lang: str) -> bool:
    if mention.email:
        return spelled(mention.email, person.words, lang) is not None
    if mention.may_be_initials and are_first_letters("".join(mention.words), person.words):
        return True
    left = list(person.words)
    # whole names first: in "A. Anna" the letter is not Anna's initial
    for word in sorted(mention.words, key=len, reverse=True):
        base = base_of(word, left, lang)
        if base is None:
            return False
        left.remove(base)
    return True


class _Nearby:
    """The persons at the positions of a document. Only those that share a key with a mention are compared with it."""

    def __init__(self) -> None:
        self._people: dict[int, Referent] = {}
        self._positions: defaultdict[Hashable, list[int]] = defaultdict(list)

    def add(self, person: Referent, position: int, keys: Iterable[Hashable]) -> None:
        """Add a person at a position.

        Args:
            person: may have several positions.
            position: has no other person.
            keys: the keys by which the person is found.
        """
        self._people[position] = person
        for key in keys:
            insort(self._positions[key], position)

    def number(self, keys: Iterable[Hashable]) -> int:
        """Return how many positions have any of ``keys``; a position with two of them counts twice."""
        return sum(len(self._positions[key]) for key in keys if key in self._positions)

    def nearest(self, position: int, keys: Collection[Hashable], fits: Callable[[Referent], bool]) -> Referent | None:
        """Return the fitting person who is last before a position, else the first after it.

        Args:
            position: the position of a mention.
            keys: a fitting person has at least one of these.
            fits: whether the mention may refer to a person.

        Returns:
            The person; None if nobody fits.
        """
        unfit: set[Referent] = set()
        for near in _outward(position, [self._positions[key] for key in keys if key in self._positions]):
            person = self._people[near]
            if person not in unfit:
                if fits(person):
                    return person
                unfit.add(person)
        return None


def _outward(position: int, groups: list[list[int]]) -> Iterator[int]:
    borders = [(group, bisect_left(group, position)) for group in groups]
    before = (map(group.__getitem__, range(border - 1, -1, -1)) for group, border in borders)
    after = (map(group.__getitem__, range(border, len(group))) for group, border in borders)
    return chain(merge(*before, reverse=True), merge(*after))


def _keys(words: Sequence[str]) -> frozenset[Hashable]:
    """Return the keys of a person: each word, and each first letter and pair of first letters, as a tuple."""
    letters = Counter(word[0] for word in words if word)
    firsts = sorted(letter for letter, number in letters.items() for _ in range(min(number, 2)))
    return frozenset([*words, *((first,) for first in firsts), *combinations(firsts, 2)])


def _keys_to_seek(mention: _Mention, people: _Nearby, lang: str) -> set[Hashable]:
    """Return keys, at least one of which every fitting person has."""
    if mention.email:
        letters = mention.email[:_LONGEST_LOCAL_PART]
        cuts = combinations(range(len(letters) + 1), 2)
        # spelled with a whole word, else with first letters alone
        return {letters[start:end] for start, end in cuts if end - start > 1} | {_pair(letters[:2])}
    keys: set[Hashable] = set(_keys_of_words(mention.words, people, lang))
    if mention.may_be_initials:
        letters = "".join(mention.words)
        keys.add(_pair(letters[0] + letters[-1]) if len(letters) > 1 else (letters,))
    return keys


def _keys_of_words(words: Sequence[str], people: _Nearby, lang: str) -> Sequence[Hashable]:
    ending = genitive_ending(lang)
    whole = [(word, word + ending, without_genitive(word, lang)) for word in words if len(word) != 1]
    if whole:
        return min(whole, key=people.number)
    return [_pair("".join(words[:2])) if len(words) > 1 else (words[0],)]


def _pair(letters: str) -> tuple[str, ...]:
    return tuple(sorted(letters))
