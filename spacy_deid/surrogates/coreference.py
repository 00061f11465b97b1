"""Which names of a document are one person's: full, a surname or first name alone, initials, a genitive, an e-mail.

Told from the names alone, without lists of names. A name that fits several persons is taken for the one last
mentioned before it: "Anna" after "Anna Ek" is that Anna, though there is an Anna Berg elsewhere.
"""

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations

from spacy_deid.lang.names import folded
from spacy_deid.lang.tables import read_table
from spacy_deid.surrogates.neighbours import Neighbours

WORD = re.compile(r"[^\W\d_]+")
_GENITIVE_APART = re.compile(r"(?<=[^\W\d_]{2})[:'’´]s$")  # "K:S" are initials
_LONGEST_INITIALS = 4
_VOWELS = frozenset("aeiouy")
_SHORTEST_NAME = 3  # letters that tell a person in an e-mail address
_LONGEST_LOCAL_PART = 64  # of an e-mail address (RFC 5321, 4.5.3.1.1)


@dataclass(eq=False, slots=True)
class Person:
    """Somebody a document names; ``words``: the person's names as `folded`, first names before surnames."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Mention:
    words: tuple[str, ...]  # folded, a single letter is an initial
    may_be_initials: bool
    email: str

    @property
    def full_words(self) -> int:
        return sum(len(word) > 1 for word in self.words)


def people_of(texts: Sequence[str], lang: str) -> list[Person]:
    """Return the person of each text (a name or an e-mail address), the same object for the same person."""
    mentions = [_mention(text, lang) for text in texts]
    people: Neighbours[Person] = Neighbours()
    found: dict[int, Person] = {}
    # what says most first, so that what says less finds its person
    order = sorted(
        range(len(texts)),
        key=lambda index: (bool(mentions[index].email), mentions[index].may_be_initials, -mentions[index].full_words),
    )
    for index in order:
        mention = mentions[index]
        fits = partial(_fits, mention, lang=lang)
        person = people.nearest(index, _keys_to_seek(mention, people, lang), fits) or Person(mention.words)
        people.add(person, index, _keys(person.words))
        found[index] = person
    return [found[index] for index in range(len(texts))]


def without_genitive_apart(text: str) -> str:
    """Return a name without a genitive that stands apart from it: "Ek:s", "AE:s", "Ek's"."""
    return _GENITIVE_APART.sub("", text)


def name_words(text: str, lang: str) -> list[str]:
    """Return the words of a name as they are written, without particles and titles ("de la", "Dr")."""
    words = WORD.findall(without_genitive_apart(text))
    return [word for word in words if word.casefold() not in _no_names(lang)] or words


def base_of(word: str, words: Sequence[str], lang: str) -> str | None:
    """Return the one of the folded ``words`` that a folded word is, or whose genitive or initial it is."""
    ending = read_table(lang, "forms.toml")["genitive"]["ending"]
    if word in words:
        return word
    for known in words:
        if len(known) > 1 and (word == known + ending or known == word + ending):
            return known
    return next((known for known in words if len(word) == 1 and known.startswith(word)), None)


def spelled(letters: str, words: Sequence[str], lang: str) -> list[str] | None:
    """Return the pieces of the local part of an e-mail address, each one of ``words``, its first letter or a particle.

    None where it has other letters, or no more than a letter of a single name.
    """
    pieces = _pieces(letters, tuple(words), tuple(sorted(_no_names(lang))))
    if pieces is None or (len(pieces) < 2 and len(letters) < _SHORTEST_NAME):
        return None
    return pieces


def is_particle(word: str, lang: str) -> bool:
    """Whether a folded word is a particle or a title, which is no part of `Person.words`."""
    return word in _no_names(lang)


def _pieces(letters: str, words: tuple[str, ...], particles: tuple[str, ...]) -> list[str] | None:
    if not letters:
        return []
    for number, word in enumerate(words):
        others = words[:number] + words[number + 1 :]
        for piece in (word, word[:1]):
            if piece and letters.startswith(piece):
                rest = _pieces(letters.removeprefix(piece), others, particles)
                if rest is not None:
                    return [piece, *rest]
    for particle in particles:
        if letters.startswith(particle):
            rest = _pieces(letters.removeprefix(particle), words, particles)
            if rest and len(rest[-1]) > _SHORTEST_NAME:  # "alek" is not al-Ek
                return [particle, *rest]
    return None


def initials_in(written: Sequence[str], person: Person) -> list[str] | None:
    """Return whose first letters the words of a name, as `name_words` gives them, are: some of the person's words.

    Each letter stands for itself where they are the person's only name ("AK"); None where they are no initials.
    """
    letters = [letter for word in written for letter in folded(word)]
    if not _may_be_initials(written) or not letters:
        return None
    if person.words == ("".join(letters),):
        return letters
    if not _begin("".join(letters), person.words):
        return None
    words = iter(person.words)
    return [next(word for word in words if word[0] == letter) for letter in letters]


def local_letters(email: str) -> str:
    """Return the letters before the "@" of an e-mail address, as they are compared."""
    return "".join(letter for letter in folded(email.partition("@")[0]) if letter.isalpha())


def _mention(text: str, lang: str) -> _Mention:
    if letters := local_letters(text) if "@" in text else "":
        return _Mention((letters,), False, letters)
    family, comma, given = text.partition(",")
    words = (
        name_words(given, lang) + name_words(family, lang) if comma and WORD.search(given) else name_words(text, lang)
    )
    plain = tuple(folded(word) or word.casefold() for word in words) or (text.casefold(),)
    return _Mention(plain, _may_be_initials(words), "")


def _fits(mention: _Mention, person: Person, lang: str) -> bool:
    if mention.email:
        return spelled(mention.email, person.words, lang) is not None
    if mention.may_be_initials and _begin("".join(mention.words), person.words):
        return True
    left = list(person.words)
    # whole names first: in "A. Anna" the letter is not Anna's
    for word in sorted(mention.words, key=len, reverse=True):
        base = base_of(word, left, lang)
        if base is None:
            return False
        left.remove(base)
    return True


def _may_be_initials(words: Sequence[str]) -> bool:
    is_run = len(words) == 1 and len(words[0]) <= _LONGEST_INITIALS and _is_no_word(words[0])
    return bool(words) and (is_run or all(len(word) == 1 for word in words))


def _is_no_word(word: str) -> bool:
    """Whether a word is in capitals, or cannot be spoken: "AK", "mlj"."""
    return word.isupper() or (len(word) > 1 and word.islower() and _VOWELS.isdisjoint(folded(word)))


def _begin(letters: str, words: Sequence[str]) -> bool:
    """Whether the letters are the first letters of the words, from the first on, some left out."""
    firsts = iter(word[0] for word in words)
    return letters[0] == words[0][0] and all(letter in firsts for letter in letters)


def _keys(words: Sequence[str]) -> frozenset[Hashable]:
    """Return what a person is found by: each word, and each first letter and pair of first letters, as a tuple."""
    letters = Counter(word[0] for word in words if word)
    firsts = sorted(letter for letter, number in letters.items() for _ in range(min(number, 2)))
    return frozenset([*words, *((first,) for first in firsts), *combinations(firsts, 2)])


def _keys_to_seek(mention: _Mention, people: Neighbours[Person], lang: str) -> set[Hashable]:
    """Return keys of which every person whom the mention fits has at least one."""
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


def _keys_of_words(words: Sequence[str], people: Neighbours[Person], lang: str) -> Sequence[Hashable]:
    ending = read_table(lang, "forms.toml")["genitive"]["ending"]
    whole = [(word, word + ending, word.removesuffix(ending)) for word in words if len(word) != 1]
    if whole:
        return min(whole, key=people.number)
    return [_pair("".join(words[:2])) if len(words) > 1 else (words[0],)]


def _pair(letters: str) -> tuple[str, ...]:
    return tuple(sorted(letters))


@cache
def _no_names(lang: str) -> frozenset[str]:
    table = read_table(lang, "names.toml")
    return frozenset([*table["particles"], *table["titles"]])
