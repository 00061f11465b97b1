"""Names and e-mail addresses of people that do not exist, in the place of those of a document."""

import re
import unicodedata
from collections.abc import Mapping
from random import Random

from spacy_deid.lang.names import Origin, folded
from spacy_deid.surrogates.coreference import (
    WORD,
    Person,
    base_of,
    initials_in,
    is_particle,
    name_words,
    spelled,
    without_genitive_apart,
)
from spacy_deid.surrogates.draw import Hidden, NoSurrogateError, in_case_of
from spacy_deid.surrogates.identifier import Scope
from spacy_deid.surrogates.legible import is_legible
from spacy_deid.surrogates.name_lists import Known, known_name, without_genitive
from spacy_deid.surrogates.source import Source, source_of

_DRAWS_TO_BE_LEGIBLE = 10  # what the rules know as a name alone; not all origins have such
_DRAWS_OF_ORIGIN = 60  # then of any origin
_DRAWS = 400
_NOT_KEPT = re.compile(r"[^ ,.'’/\-\n]")
_SHORTENED = re.compile(r"\.[ -]?[^\W\d_]")  # behind a first name's beginning that stands for it: "Ch. Ek"


class People:
    """Draws surrogates word by word: everybody in a scope who has a name in common still has it in common.

    So full name, surname, initials, genitive and address of a person agree, in any document of the scope. Gender and
    origin stay where the lists of names tell them. A surrogate never begins with the letter of its original, so
    that initials change as well.
    """

    def __init__(self, scope: Scope, hidden: Hidden) -> None:
        self._scope = scope
        self._lang = scope.lang
        self._source: Source = source_of(scope.lang)
        self._hidden = hidden

    def name(self, text: str, person: Person, version: str) -> str:
        """Return the person's surrogate in the form ``text`` has; NoSurrogateError where there is none.

        Particles and titles within the text ("de la", "Dr") are left out.
        """
        text = unicodedata.normalize("NFC", text)
        kept = name_words(text, self._lang)
        initials = initials_in(kept, person)
        # "EVA" alone is a name
        if initials is None or known_name("".join(initials), self._lang) != Known():
            drawn = [self._word(word, person, version) for word in kept]
        else:
            firsts = iter([self._surrogate(word, person, version) for word in initials])
            drawn = [in_case_of(word * 2, "".join(next(firsts)[0] for _ in folded(word))) for word in kept]
        plain = without_genitive_apart(text)
        surrogate = self._in_form_of(plain, dict(zip(kept, drawn, strict=True))) + text.removeprefix(plain)
        if not kept or self._hidden.shows_in(surrogate):
            raise NoSurrogateError
        return surrogate

    def _in_form_of(self, text: str, drawn: Mapping[str, str]) -> str:
        """Return ``text`` with the words of ``drawn`` replaced, without its other words and hyphens beside these.

        A word before a full stop and a further one is an initial then: "Ch. Ek" becomes "A. Berg".
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

    def email(self, text: str, person: Person, version: str) -> str:
        """Return an address with the person's surrogate in the place of the name, at another host."""
        local, _, domain = text.casefold().partition("@")
        rng = self._scope.random("email", text.casefold(), version)
        letters = "".join(letter for letter in local if letter.isalpha())
        pieces = spelled(letters, person.words, self._lang)
        # not spelled: letters that folding changes; the person's only word: no name of the document goes with it
        if pieces is None or person.words == (letters,):
            drawn = self._any_address(rng)
        else:
            drawn = self._spelled_address(local, pieces, person, version, rng)
        mails: list[str] = self._source.forms["lists"]["mail"]
        host = self._source.grammar.draw("mail" if domain in mails else "host", rng)
        surrogate = f"{drawn}@{host}"
        if self._hidden.shows_in(surrogate):
            raise NoSurrogateError
        return surrogate

    def _any_address(self, rng: Random) -> str:
        origin = rng.choices(self._source.origins, self._source.origin_weights)[0]
        return f"{folded(origin.first('f', rng))}.{folded(origin.surname(rng))}"

    def _spelled_address(self, local: str, pieces: list[str], person: Person, version: str, rng: Random) -> str:
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
                if is_particle(piece, self._lang) and piece not in person.words:
                    continue
                base = base_of(piece, person.words, self._lang)
                drawn = self._surrogate(base or piece, person, version)
                written += folded(drawn)[: None if len(piece) > 1 else 1]
        return written

    def _word(self, word: str, person: Person, version: str) -> str:
        """Return the surrogate of one word of a name, in its case, genitive or initial."""
        plain = folded(word) or word.casefold()
        base = base_of(plain, person.words, self._lang) or plain
        drawn = self._surrogate(base, person, version)
        if len(plain) == 1:
            return in_case_of(word * 2, drawn[0])
        if plain != base or without_genitive(base, self._lang) != base:
            drawn = self._genitive(drawn)
        return in_case_of(word, drawn)

    def _genitive(self, name: str) -> str:
        genitive = self._source.forms["genitive"]
        return name if name[-1].lower() in genitive["bare_after"] else name + genitive["ending"]

    def _surrogate(self, word: str, person: Person, version: str) -> str:
        """Return the surrogate of a folded name: for the same name, the same one in all of the scope."""
        stem = without_genitive(word, self._lang)
        known = known_name(stem, self._lang)
        is_first = self._is_first(stem, known, person)
        rng = self._scope.random("first name" if is_first else "surname", stem, version)
        gender = self._gender(known, person, rng) if is_first else ""
        origins = known.first.get(gender, []) if is_first else known.last
        fallback = ""
        for draw in range(_DRAWS):
            if fallback and draw >= _DRAWS_TO_BE_LEGIBLE:
                return fallback
            is_own = origins and draw < _DRAWS_OF_ORIGIN
            origin = origins[0] if is_own else rng.choices(self._source.origins, self._source.origin_weights)[0]
            drawn = origin.first(gender, rng) if is_first else self._surname(origin, stem, rng)
            plain = folded(drawn)
            is_one_word = WORD.fullmatch(drawn) is not None and len(plain) > 1
            if is_one_word and plain[0] != stem[0] and not self._hidden.shows_in(drawn):
                if is_legible(drawn, "NAME", self._lang):
                    return drawn
                fallback = fallback or drawn
        raise NoSurrogateError

    def _surname(self, origin: Origin, stem: str, rng: Random) -> str:
        is_feminine = any(stem.endswith(ending) for ending in origin.feminine.values())
        return origin.agreeing(origin.surname(rng), "f" if is_feminine else "m")

    def _is_first(self, stem: str, known: Known, person: Person) -> bool:
        """Whether a name is a first name: as the lists say, and where they do not, from where it stands."""
        if bool(known.first) != bool(known.last):
            return bool(known.first)
        if len(person.words) == 1:
            return bool(known.first)
        return person.words[-1] != stem and (person.words[0] == stem or bool(known.first))

    def _gender(self, known: Known, person: Person, rng: Random) -> str:
        others = (known_name(word, self._lang).gender for word in person.words)
        return known.gender or next(filter(None, others), None) or rng.choice("fm")
