"""The rule from which the surrogate of a value is drawn, by lang/<code>/surrogates.toml.

The table of a category has rules, each with the pattern of its values. ``[alike]`` has, by category, lists of values
that may replace one another: a country a country, an employer an employer. ``[longer]`` names the libraries' longer
versions of these lists; their values are recognised but never drawn, since few people know them; a colon and
the library's code of the language follow if it is not that of the pack: ``countries:no``. ``[lists]`` adds to the
rules of forms.toml.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from spacy_deid.lang.external import cities_abroad, countries_in
from spacy_deid.lang.grammar import Grammar
from spacy_deid.lang.pack import pack_of
from spacy_deid.surrogates.identifier import Identifier
from spacy_deid.surrogates.source import source_of

_LIBRARIES: Mapping[str, Callable[[str], frozenset[str]]] = {
    "countries": countries_in,
    "cities_abroad": lambda lang: cities_abroad(source_of(lang).forms["geonames"]["country"]),
}


def rule_of(identifier: Identifier, lang: str) -> str | None:
    """Return the first rule whose pattern is found in a value, or None."""
    patterns: Mapping[str, str] = _table(lang).get(identifier.category, {})
    found = (rule for rule, pattern in patterns.items() if re.search(pattern, identifier.text, re.IGNORECASE))
    return next(found, None)


def rule_of_list(identifier: Identifier, lang: str) -> str | None:
    """Return the rule of the first list of its category that contains a value, or None."""
    rules = _table(lang).get("alike", {}).get(identifier.category, ())
    return next((rule for rule in rules if identifier.normal in _listed(rule, lang)), None)


def kept_words(category: str, lang: str) -> str:
    """Return the pattern of words that identify nobody in a value of the category; "" without such words."""
    kept: Mapping[str, str] = _table(lang)["kept"]
    return kept.get(category, "")


@cache
def grammar_of(lang: str) -> Grammar:
    """Return the language's rules, including those of surrogates.toml."""
    return source_of(lang).grammar.extended(_table(lang).get("lists", {}))


@cache
def _listed(rule: str, lang: str) -> frozenset[str]:
    """Return the texts of a rule as `Identifier.normal`."""
    library, _, locale = _table(lang).get("longer", {}).get(rule, "").partition(":")
    texts = {*grammar_of(lang).plain(rule), *(_LIBRARIES[library](locale or lang) if library else ())}
    return frozenset(Identifier(0, 0, text, "", "").normal for text in texts)


def _table(lang: str) -> Mapping[str, Any]:
    return pack_of(lang).table("surrogates.toml")
