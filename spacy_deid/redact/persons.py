"""Which names of a document are one person's: full, a surname or first name alone, initials, a genitive, an e-mail.

Told from the names alone, without lists of names. A name that fits several persons is taken for the one last
mentioned before it: "Anna" after "Anna Ek" is that Anna, though there is an Anna Berg elsewhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from spacy_deid.lang.surrogates.names import folded
from spacy_deid.lang.surrogates.tables import read_table

WORD = re.compile(r"[^\W\d_]+")
_LONGEST_INITIALS = 4
_SHORTEST_NAME = 3  # letters that tell a person in an e-mail address


@dataclass(eq=False, slots=True)
class Person:
    """Somebody a document names; ``words``: the person's names as `folded`, first names before surnames."""

    words: tuple[str, ...]
    mentions: list[int] = field(default_factory=list)


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
    people: list[Person] = []
    found: dict[int, Person] = {}
    # what says most first, so that what says less finds its person
    order = sorted(
        range(len(texts)),
        key=lambda index: (bool(mentions[index].email), mentions[index].may_be_initials, -mentions[index].full_words),
    )
    for index in order:
        mention = mentions[index]
        fitting = [person for person in people if _fits(mention, person, lang)]
        if fitting:
            person = min(fitting, key=partial(_distance, index))
        else:
            person = Person(mention.words)
            people.append(person)
        person.mentions.append(index)
        found[index] = person
    return [found[index] for index in range(len(texts))]


def name_words(text: str, lang: str) -> list[str]:
    """Return the words of a name as they are written, without particles and titles ("de la", "Dr")."""
    words = WORD.findall(text)
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


def spelled(letters: str, words: Sequence[str]) -> list[str] | None:
    """Return the pieces of the local part of an e-mail address, each one of ``words`` or its first letter.

    None where it has other letters, or no more than a letter of a single name.
    """
    pieces = _pieces(letters, tuple(words))
    if pieces is None or (len(pieces) < 2 and len(letters) < _SHORTEST_NAME):
        return None
    return pieces


def _pieces(letters: str, words: tuple[str, ...]) -> list[str] | None:
    if not letters:
        return []
    for number, word in enumerate(words):
        others = words[:number] + words[number + 1 :]
        for piece in (word, word[:1]):
            if piece and letters.startswith(piece):
                rest = _pieces(letters.removeprefix(piece), others)
                if rest is not None:
                    return [piece, *rest]
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
        return spelled(mention.email, person.words) is not None
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
    is_run = len(words) == 1 and words[0].isupper() and len(words[0]) <= _LONGEST_INITIALS
    return bool(words) and (is_run or all(len(word) == 1 for word in words))


def _begin(letters: str, words: Sequence[str]) -> bool:
    """Whether the letters are the first letters of the words, from the first on, some left out."""
    firsts = iter(word[0] for word in words)
    return letters[0] == words[0][0] and all(letter in firsts for letter in letters)


def _distance(index: int, person: Person) -> tuple[bool, int]:
    """Return what sorts persons by how close a mention is: any before ``index`` comes first."""
    before = [index - mention for mention in person.mentions if mention < index]
    return (not before, min(before or (abs(index - mention) for mention in person.mentions)))


@cache
def _no_names(lang: str) -> frozenset[str]:
    table = read_table(lang, "names.toml")
    return frozenset([*table["particles"], *table["titles"]])
