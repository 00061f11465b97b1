"""The written forms of a name: its words, particles, genitive and initials, and its pieces in an e-mail address."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from spacy_deid.lang.names import folded, without_genitive
from spacy_deid.lang.pack import pack_of

WORD = re.compile(r"[^\W\d_]+")
_DETACHED_GENITIVE = re.compile(r"(?<=[^\W\d_]{2})[:'’´]s$")  # "K:S" are initials
_LONGEST_INITIALS = 4
_VOWELS = frozenset("aeiouy")
_SHORTEST_NAME = 3  # letters that identify a person in an e-mail address


def without_detached_genitive(text: str) -> str:
    """Return a name without a genitive ending after a colon or an apostrophe: "Ek:s", "AE:s", "Ek's"."""
    return _DETACHED_GENITIVE.sub("", text)


def name_words(text: str, lang: str) -> list[str]:
    """Return the words of a name as they are written, without particles and titles ("de la", "Dr")."""
    words = WORD.findall(without_detached_genitive(text))
    return [word for word in words if not is_particle(word.casefold(), lang)] or words


def is_particle(word: str, lang: str) -> bool:
    """Whether a folded word is a particle or a title, which does not count as a word of a name."""
    return word in _particles(lang)


def base_of(word: str, words: Iterable[str], lang: str) -> str | None:
    """Return the name that a word of a mention refers to.

    Args:
        word: a folded word.
        words: the folded names of a person.
        lang: code of the language pack.

    Returns:
        The one of ``words`` that ``word`` equals, or is the genitive or initial of; None without one.
    """
    if word in words:
        return word
    for known in words:
        if len(known) > 1 and (without_genitive(word, lang) == known or without_genitive(known, lang) == word):
            return known
    return next((known for known in words if len(word) == 1 and known.startswith(word)), None)


def may_be_initials(words: Sequence[str]) -> bool:
    """Whether all words are single letters, or the only word is a few letters in capitals or without a vowel."""
    is_run = len(words) == 1 and len(words[0]) <= _LONGEST_INITIALS and _is_no_word(words[0])
    return bool(words) and (is_run or all(len(word) == 1 for word in words))


def are_first_letters(letters: str, words: Sequence[str]) -> bool:
    """Whether the letters are the first letters of the words, from the first word on; words may be left out."""
    firsts = iter(word[0] for word in words)
    return letters[0] == words[0][0] and all(letter in firsts for letter in letters)


def initials_in(written: Sequence[str], words: Sequence[str]) -> list[str] | None:
    """Return those of a person's folded ``words`` whose first letters are ``written``.

    Each letter stands for itself where the letters are the person's only name ("AK").

    Args:
        written: the words of a name, as `name_words` returns them.
        words: all names of the person.

    Returns:
        One word for each letter of ``written``; None if they are not initials of the person.
    """
    letters = "".join(map(folded, written))
    if not may_be_initials(written) or not letters:
        return None
    if tuple(words) == (letters,):
        return list(letters)
    if not are_first_letters(letters, words):
        return None
    rest = iter(words)
    return [next(word for word in rest if word[0] == letter) for letter in letters]


def local_letters(email: str) -> str:
    """Return the folded letters before the "@" of an e-mail address."""
    return "".join(letter for letter in folded(email.partition("@")[0]) if letter.isalpha())


def spelled(letters: str, words: Sequence[str], lang: str) -> list[str] | None:
    """Return the pieces of the local part of an e-mail address.

    Args:
        letters: the letters of the local part.
        words: the folded names of a person.
        lang: code of the language pack.

    Returns:
        Pieces that are each one of ``words``, its first letter or a particle; None if there are other letters, or only
        a letter of a single name.
    """
    pieces = _pieces(letters, tuple(words), _particles_in_order(lang))
    if pieces is None or (len(pieces) < 2 and len(letters) < _SHORTEST_NAME):
        return None
    return pieces


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


def _is_no_word(word: str) -> bool:
    """Whether a word is in capitals or has no vowel: "AK", "mlj"."""
    return word.isupper() or (len(word) > 1 and word.islower() and _VOWELS.isdisjoint(folded(word)))


@cache
def _particles(lang: str) -> frozenset[str]:
    facts = pack_of(lang).facts
    return frozenset([*facts.particles, *facts.titles])


@cache
def _particles_in_order(lang: str) -> tuple[str, ...]:
    return tuple(sorted(_particles(lang)))
