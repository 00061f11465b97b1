"""Names by origin: lists of people's names, the rules that combine them, and the genitive."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from spacy_deid.lang.external import names_from
from spacy_deid.lang.grammar import Grammar
from spacy_deid.lang.pack import ANY, pack_of
from spacy_deid.text import BASE_LETTERS

_LISTS = ("female", "male", "last")
_OWN_TO_EXTRA = 1.5  # the libraries' lists hold many rare and old names
_FOLDED = str.maketrans(BASE_LETTERS | {"ß": "ss", "ə": "a"})


@dataclass(frozen=True, slots=True)
class Origin:
    """The names of one origin, read from ``names/<origin>.toml``.

    The rules ``first_female``, ``first_male`` and ``surname`` draw from the lists female, male and last: three of five
    draws from the file's own names, the others from the libraries'. ``feminine`` maps endings of surnames (-ski: -ska),
    ``nicks`` first names to their short forms. two_surnames: whether a person has two surnames.
    """

    name: str
    grammar: Grammar
    feminine: Mapping[str, str]
    nicks: Mapping[str, tuple[str, ...]]
    two_surnames: bool

    def first(self, gender: str, rng: Random) -> str:
        """Draw a first name, possibly a double one, for gender "f" or "m"."""
        return self.grammar.draw("first_female" if gender == "f" else "first_male", rng)

    def surname(self, rng: Random) -> str:
        """Draw one surname, in the masculine form if it has one."""
        return self.grammar.draw("surname", rng)

    def agreeing(self, surname: str, gender: str) -> str:
        """Return a masculine surname in the form of gender "f" or "m"."""
        if gender == "f":
            for masculine, feminine in self.feminine.items():
                if surname.endswith(masculine):
                    return surname.removesuffix(masculine) + feminine
        return surname

    def all_names(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return all single first names and all single surnames (hyphens and spaces separate them)."""
        first = self.grammar.texts("first_female") | self.grammar.texts("first_male")
        first |= {nick for nicks in self.nicks.values() for nick in nicks}
        last = self.grammar.texts("surname")
        return first, last | {self.agreeing(name, "f") for name in last}


@cache
def load_origin(name: str, lang: str = ANY) -> Origin:
    """Return the origin ``name`` as the pack ``lang`` defines it; the lists in its file are separated by commas."""
    table = pack_of(lang).names(name)
    own = {kind: split_list(table[kind]) for kind in _LISTS}
    others = [names_from(source) for source in table.get("sources", [])]
    rules: dict[str, list[str]] = {
        "first_female": ["{female}"],
        "first_male": ["{male}"],
        "surname": ["{last}"],
        **{key: split_list(text) for key, text in table.get("lists", {}).items()},
        **table.get("rules", {}),
    }
    for kind in _LISTS:
        extra = sorted({name for lists in others for name in lists[kind]} - set(own[kind]))
        rules[kind] = own[kind] * max(1, round(_OWN_TO_EXTRA * len(extra) / len(own[kind]))) + extra
    nicks = {full: tuple(split_list(text)) for full, text in table.get("nicks", {}).items()}
    grammar = Grammar(rules, f"names/{name}.toml")
    return Origin(name, grammar, table.get("feminine", {}), nicks, table.get("two_surnames", False))


def split_list(text: str) -> list[str]:
    """Return the entries of a list that is separated by commas."""
    return [entry for entry in (part.strip() for part in text.replace("\n", " ").split(",")) if entry]


def initials_of(*names: str) -> Iterator[str]:
    """Yield the first letter of each name that begins with a capital ("de la" has none)."""
    for name in names:
        for word in name.replace("-", " ").replace("'", " ").split():
            if word[0].isupper():
                yield word[0]


def folded(text: str) -> str:
    """Return ``text`` in lower-case ASCII letters and digits, as in an e-mail address."""
    plain = unicodedata.normalize("NFKD", text.translate(_FOLDED)).encode("ascii", "ignore").decode()
    return "".join(character for character in plain.lower() if character.isalnum())


def genitive(name: str, lang: str) -> str:
    """Return the genitive of ``name``; some names ("Max") and languages have no ending."""
    return pack_of(lang).facts.genitive.of(name)


def without_genitive(word: str, lang: str) -> str:
    """Return ``word``, which is in lower case, without the ending of a genitive."""
    return word.removesuffix(genitive_ending(lang))


def genitive_ending(lang: str) -> str:
    """Return the ending of a genitive in lower case, "" in a language without one."""
    return pack_of(lang).facts.genitive.ending
