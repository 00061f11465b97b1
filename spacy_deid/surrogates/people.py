"""Surrogates of people's names and e-mail addresses.

They are drawn word by word: people of a scope with a common name still have a common one. Hence the full name, surname,
initials, genitive and address of a person agree, in any document of the scope. Gender and origin are kept if the lists
of names have them. A surrogate never begins with the letter of its original, so that initials change as well.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from random import Random

from spacy_deid.lang.names import Origin, folded, genitive
from spacy_deid.surrogates.context import Context, NoSurrogateError, in_case_of, is_recognised
from spacy_deid.surrogates.coreference import Referent
from spacy_deid.surrogates.identifier import Identifier
from spacy_deid.surrogates.name_lists import NameFacts, known_name, without_unlisted_genitive
from spacy_deid.surrogates.name_words import (
    WORD,
    base_of,
    initials_in,
    is_particle,
    name_words,
    spelled,
    without_detached_genitive,
)
from spacy_deid.surrogates.source import source_of

_DRAWS_TO_BE_RECOGNISED = 10  # by the rules as a name on its own; not every origin has such names
_DRAWS_OF_ORIGIN = 60  # then of any origin
_DRAWS = 400
_NOT_KEPT = re.compile(r"[^ ,.'’/\-\n]")
_SHORTENED = re.compile(r"\.[ -]?[^\W\d_]")  # after the short form of a first name: "Ch. Ek"


def name(identifier: Identifier, context: Context) -> str:
    """Return the person's surrogate in the form of the value; NoSurrogateError if there is none.

    Particles and titles within the text ("de la", "Dr") are left out.
    """
    text = unicodedata.normalize("NFC", identifier.text)
    person = context.people[identifier.start]
    words = name_words(text, context.lang)
    initials = initials_in(words, person.words)
    # "EVA" alone is a name
    if initials is None or known_name("".join(initials), context.lang).is_listed:
        drawn = [_word(word, person, context) for word in words]
    else:
        firsts = iter([_surrogate(word, person, context)[0] for word in initials])
        drawn = [in_case_of(word * 2, "".join(next(firsts) for _ in folded(word))) for word in words]
    plain = without_detached_genitive(text)
    surrogate = _in_form_of(plain, dict(zip(words, drawn, strict=True))) + text.removeprefix(plain)
    if not words or context.shows_in(surrogate):
        raise NoSurrogateError
    return surrogate


def email(identifier: Identifier, context: Context) -> str:
    """Return an address with the person's surrogate in place of the name, at another host."""
    text, person = identifier.text.casefold(), context.people[identifier.start]
    source = source_of(context.lang)
    local, _, domain = text.partition("@")
    rng = context.random("email", text)
    letters = "".join(letter for letter in local if letter.isalpha())
    pieces = spelled(letters, person.words, context.lang)
    # None: folding changes letters; the person's only word: no name of the document belongs to the address
    if pieces is None or person.words == (letters,):
        origin = source.origin(rng)
        drawn = f"{folded(origin.first('f', rng))}.{folded(origin.surname(rng))}"
    else:
        drawn = _spelled_address(local, pieces, person, context, rng)
    host = source.grammar.draw("mail" if domain in source.forms["lists"]["mail"] else "host", rng)
    surrogate = f"{drawn}@{host}"
    if context.shows_in(surrogate):
        raise NoSurrogateError
    return surrogate


def _in_form_of(text: str, drawn: Mapping[str, str]) -> str:
    """Return ``text`` with the words of ``drawn`` replaced, without its other words and the hyphens beside these.

    A word before a full stop and another word becomes an initial: "Ch. Ek" becomes "A. Berg".
    """
    pieces: list[str] = []
    gaps: list[str] = []
    read = 0
    for match in WORD.finditer(text):
        gaps.append(_NOT_KEPT.sub("", text[read : match.start()]))
        read = match.end()
        if match[0] in drawn:
            between = next((gap for gap in gaps if "-" not in gap), gaps[0])
            pieces += between if pieces else between.lstrip(" .,"), drawn[match[0]]
            if _SHORTENED.match(text, read):
                pieces[-1] = pieces[-1][0]
            gaps = []
    return "".join([*pieces, _NOT_KEPT.sub("", text[read:])])


def _spelled_address(local: str, pieces: Sequence[str], person: Referent, context: Context, rng: Random) -> str:
    """Return the local part of an address with the surrogates of its ``pieces``, and other digits."""
    written = ""
    rest = iter(pieces)
    to_skip = 0
    for character in local:
        if character.isdecimal():
            written += str(rng.randrange(10))
        elif not character.isalpha():
            written += character
        elif to_skip:
            to_skip -= 1
        else:
            piece = next(rest)
            to_skip = len(piece) - 1
            if is_particle(piece, context.lang) and piece not in person.words:
                continue
            base = base_of(piece, person.words, context.lang) or piece
            drawn = folded(_surrogate(base, person, context))
            written += drawn if len(piece) > 1 else drawn[:1]
    return written


def _word(word: str, person: Referent, context: Context) -> str:
    """Return the surrogate of one word of a name, in its case, genitive or initial."""
    plain = folded(word) or word.casefold()
    base = base_of(plain, person.words, context.lang) or plain
    drawn = _surrogate(base, person, context)
    if len(plain) == 1:
        return in_case_of(word * 2, drawn[0])
    if plain != base or without_unlisted_genitive(base, context.lang) != base:
        drawn = genitive(drawn, context.lang)
    return in_case_of(word, drawn)


def _surrogate(word: str, person: Referent, context: Context) -> str:
    """Return the surrogate of a folded name, the same one for the same name throughout the scope."""
    source = source_of(context.lang)
    stem = without_unlisted_genitive(word, context.lang)
    known = known_name(stem, context.lang)
    is_first = _is_first(stem, known, person)
    rng = context.random("first name" if is_first else "surname", stem)
    gender = _gender(known, person, context, rng) if is_first else ""
    origins = known.first.get(gender, []) if is_first else known.last
    fallback = ""
    for draw in range(_DRAWS):
        if fallback and draw >= _DRAWS_TO_BE_RECOGNISED:
            return fallback
        origin = origins[0] if origins and draw < _DRAWS_OF_ORIGIN else source.origin(rng)
        drawn = origin.first(gender, rng) if is_first else _surname(origin, stem, rng)
        if _is_another(drawn, stem) and not context.shows_in(drawn):
            if is_recognised(drawn, "NAME", context.lang):
                return drawn
            fallback = fallback or drawn
    raise NoSurrogateError


def _is_another(drawn: str, stem: str) -> bool:
    """Whether a drawn name is one word with another first letter."""
    plain = folded(drawn)
    return WORD.fullmatch(drawn) is not None and len(plain) > 1 and plain[0] != stem[0]


def _surname(origin: Origin, stem: str, rng: Random) -> str:
    is_feminine = any(stem.endswith(ending) for ending in origin.feminine.values())
    return origin.agreeing(origin.surname(rng), "f" if is_feminine else "m")


def _is_first(stem: str, known: NameFacts, person: Referent) -> bool:
    """Whether a name is a first name, by the lists or, failing that, by its place among the person's names."""
    if bool(known.first) != bool(known.last):
        return bool(known.first)
    if len(person.words) == 1:
        return bool(known.first)
    return person.words[-1] != stem and (person.words[0] == stem or bool(known.first))


def _gender(known: NameFacts, person: Referent, context: Context, rng: Random) -> str:
    others = (known_name(word, context.lang).gender for word in person.words)
    return known.gender or next(filter(None, others), None) or rng.choice("fm")
