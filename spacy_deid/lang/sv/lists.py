"""Lists of the Swedish checks: those of lists/, and the names of every origin."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from spacy_deid.lang.pack import ANY, pack_of
from spacy_deid.lang.tables import words_of


def letters(text: str) -> list[str]:
    """Return the words of ``text``, without digits and hyphens."""
    return re.findall(r"[^\W\d_]+", text)


def known(name: str) -> frozenset[str]:
    """Return the unambiguous entries of lists/NAME.txt, in lower case."""
    return pack_of("sv").list(name).sure


def ambiguous(name: str) -> frozenset[str]:
    """Return the entries of lists/NAME.txt that carry the mark "?", in lower case."""
    return pack_of("sv").list(name).marked


@cache
def first_names() -> frozenset[str]:
    """Return the first names of every origin, in lower case."""
    tables = _name_tables()
    listed = (name for table in tables for name in letters(f"{table['female']} {table['male']}".casefold()))
    return frozenset(listed) | known("first_names")


@cache
def names() -> frozenset[str]:
    """Return first names, surnames and short forms of first names, in lower case."""
    return first_names() | surnames() | nicknames()


@cache
def surnames() -> frozenset[str]:
    """Return the surnames of every origin, in lower case."""
    listed = (name for table in _name_tables() for name in letters(table["last"].casefold()))
    return frozenset(listed) | known("surnames")


@cache
def nicknames() -> frozenset[str]:
    """Return the short forms of four letters or more of first names, in lower case."""
    texts = (text for table in _name_tables() for text in table.get("nicks", {}).values())
    return frozenset(nick for text in texts for nick in letters(text.casefold()) if len(nick) > 3)


@cache
def persons_of_diseases() -> frozenset[str]:
    """Return the persons in the diseases of words.toml, such as "Mb Paget" and "Turners syndrom", in lower case."""
    nouns = pack_of("sv").table("morphemes.toml")["disease"]["nouns"]
    terms = [term.casefold().split() for term in words_of("sv")["eponym"]]
    after_morbus = {term[1] for term in terms if term[0] == "mb"}
    return frozenset(after_morbus | {term[0].removesuffix("s") for term in terms if not set(nouns).isdisjoint(term)})


def _name_tables() -> list[Mapping[str, Any]]:
    return [pack_of(ANY).names(origin) for origin in pack_of(ANY).origins()]
