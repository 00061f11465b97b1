"""Lists of values that stand for one another: a country for a country, an employer for an employer.

lang/<code>/surrogates.toml names them, by category, under ``[alike]``. Under ``[longer]`` it says of which of them a
library has a longer list. What is in that one alone counts as well; it is never drawn, since few have heard of it.
"""

from collections.abc import Callable, Mapping
from functools import cache

from spacy_deid.lang.external import cities_abroad, countries_in
from spacy_deid.lang.grammar import Grammar
from spacy_deid.lang.tables import read_table
from spacy_deid.surrogates.identifier import Identifier
from spacy_deid.surrogates.source import source_of

_LIBRARIES: Mapping[str, Callable[[str], frozenset[str]]] = {
    "countries": countries_in,
    "cities_abroad": lambda lang: cities_abroad(source_of(lang).forms["geonames"]["country"]),
}


def alike_rule(identifier: Identifier, lang: str) -> str | None:
    """Return the rule of the first list that a value is in, None where it is in no list of its category."""
    rules = read_table(lang, "surrogates.toml").get("alike", {}).get(identifier.category, ())
    return next((rule for rule in rules if identifier.normal in _listed(rule, lang)), None)


@cache
def grammar_of(lang: str) -> Grammar:
    """Return the language's rules with those that surrogates.toml adds."""
    return source_of(lang).grammar.extended(read_table(lang, "surrogates.toml").get("lists", {}))


@cache
def _listed(rule: str, lang: str) -> frozenset[str]:
    """Return what counts as a text of a rule, as `Identifier.normal` has it."""
    longer = read_table(lang, "surrogates.toml").get("longer", {}).get(rule)
    texts = {*grammar_of(lang).plain(rule), *(_LIBRARIES[longer](lang) if longer else ())}
    return frozenset(Identifier(0, 0, text, "", "").normal for text in texts)
