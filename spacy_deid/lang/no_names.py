"""Words beside names or in the place of names that are not names: titles, articles, abbreviations, drugs, doses.

The words are data of the language pack: language.toml, orders.toml and the lists "abbreviations" and "drugs". A
language without these has no such words, so that no found entity is dropped.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from spacy_deid.lang.lexicon import is_given_name, is_identifying, is_name_of_any_origin
from spacy_deid.lang.pack import ANY, pack_of
from spacy_deid.lang.tables import words_of
from spacy_deid.text import without_diacritics

LONGEST_EPONYM = 5  # words
_LETTERS = re.compile(r"[^\W\d_]+")
_SHORTEST_TITLE_IN_CAPITALS = 3  # "UL" and "DR" may be somebody's initials
_LONGEST_SHORT_FORM = 4  # letters of a first name's short form, "Chr"
_SHORTEST_FOREIGN_NAME = 4  # letters; shorter names of other languages are words of this one: "han", "son"
_SHORTEST_MEDICAL = 4  # letters; shorter medical words may be a surname or a signature: "Pal", "CvP"
_VOWELS = frozenset("aeiouy")
# lists of words.toml without persons and places; tests and devices are named after both
_MEDICAL_LISTS = ("drug", "diagnosis", "procedure", "lab", "symptom", "anatomy")


@dataclass(frozen=True, slots=True)
class NoNames:
    """The words of one language, in lower case except those that count only in capitals.

    drugs_like_names: drugs that are also people's names. medical: words of drugs, diseases, findings and anatomy that
    are not names. dose: matches a dose. analytes: the words that a laboratory value follows.
    """

    lang: str
    titles: frozenset[str]
    title_ends: tuple[str, ...]
    articles: frozenset[str]
    particles: frozenset[str]
    relations: frozenset[str]
    not_after_names: frozenset[str]
    remarks: frozenset[str]
    abbreviations: frozenset[str]
    drugs: frozenset[str]
    drugs_like_names: frozenset[str]
    medical: frozenset[str]
    forms: frozenset[str]
    order_words: frozenset[str]
    analytes: frozenset[str]
    dose: re.Pattern[str]

    def is_title(self, word: str) -> bool:
        """Whether ``word`` is a title, or the main part of one: "Leg", "läkare" of "ST-läkare"."""
        if word in self.titles:
            return True
        if word.isupper() and len(word) < _SHORTEST_TITLE_IN_CAPITALS:
            return False
        lower = word.lower()
        return lower in self.titles or any(lower.endswith(end) and lower != end for end in self.title_ends)

    def is_listed_name(self, word: str) -> bool:
        """Whether ``word`` is in a list of the language's names, towns, months or weekdays, or of first names."""
        return is_identifying(word, self.lang) or (len(word) >= _SHORTEST_FOREIGN_NAME and is_given_name(word))

    def stands_beside_names(self, word: str) -> bool:
        """Whether ``word`` is a title, a relation, a medical word, or one that begins a heading or a sentence."""
        others = (self.medical, self.relations, self.not_after_names, self.articles)
        return any(word.lower() in other for other in others) or self.is_title(word)

    def is_form(self, word: str) -> bool:
        """Whether ``word`` is the form of a drug, "Inj", and neither a listed name nor two capitals."""
        return word.lower() in self.forms and _is_no_name(word)

    def is_order_word(self, word: str) -> bool:
        """Whether ``word`` is a drug's form, route or dose: "mg"; not "Per" or "Dag", which are names."""
        is_letter = len(word) == 1 and word.islower()
        return is_letter or (word.lower() in self.order_words and _is_no_name(word))

    def ends_no_sentence(self, word: str) -> bool:
        """Whether a full stop after ``word`` may belong to an abbreviation or an initial: "Dr", "A", "Th"."""
        return len(word) == 1 or word.lower() in self.abbreviations or self.is_title(word) or is_short_form(word)


def is_short_form(word: str) -> bool:
    """Whether ``word`` may be an initial or a short form of a first name: "A", "Ch", "Th", "Hj"; not "Ek", "CK"."""
    return (
        word.istitle()
        and len(word) <= _LONGEST_SHORT_FORM
        and (len(word) == 1 or _VOWELS.isdisjoint(without_diacritics(word.lower())))
    )


def _is_no_name(word: str) -> bool:
    return word.islower() or not (is_name_of_any_origin(word) or (word.isupper() and len(word) == 2))


@cache
def no_names(lang: str) -> NoNames:
    """Return the words of the language ``lang``."""
    facts, orders, drugs_listed = pack_of(lang).facts, _table(lang, "orders.toml"), pack_of(lang).list("drugs")
    only_drugs = _words(drugs_listed.sure)
    like_names = _words(drugs_listed.marked) | set(filter(is_name_of_any_origin, only_drugs))
    drugs = (only_drugs | _drugs_of_templates(lang, orders)) - like_names
    units = "|".join(map(re.escape, orders.get("units", ())))
    return NoNames(
        lang=lang,
        titles=frozenset(facts.titles),
        title_ends=facts.title_ends,
        articles=frozenset(facts.articles),
        particles=frozenset(facts.particles) - frozenset(facts.between_persons),
        relations=frozenset(_relations(lang)),
        not_after_names=frozenset(facts.not_after_names),
        remarks=frozenset(facts.remarks),
        abbreviations=frozenset(_words(pack_of(lang).list("abbreviations").sure)),
        drugs=frozenset(drugs),
        drugs_like_names=frozenset(like_names),
        medical=frozenset(drugs | (_medical(lang) - like_names)),
        forms=frozenset(orders.get("forms", ())),
        order_words=frozenset(word for key in ("forms", "ways", "units") for word in orders.get(key, ())),
        analytes=frozenset(orders.get("analytes", ())),
        dose=re.compile(
            rf"\W{{0,2}}\d+(?:[.,]\d+)?[ ]?(?:(?:{units})\b|x[ ]?\d|%)" if units else "(?!)", re.IGNORECASE
        ),
    )


@cache
def eponyms_of_two() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """Return the eponyms of several persons in lower case: each first word with its continuations, longest first."""
    eponyms: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for eponym in sorted(map(str.lower, pack_of(ANY).list("eponyms_of_two").entries)):
        first, *others = eponym.split("-")
        eponyms[first].append(tuple(others))
    return {first: tuple(sorted(others, key=len, reverse=True)) for first, others in eponyms.items()}


def _drugs_of_templates(lang: str, orders: Mapping[str, Any]) -> set[str]:
    if not orders:
        return set()
    no_drugs = {word for words in orders.values() for word in words}
    return _letters(words_of(lang).get("drug", ()), lang) - no_drugs


def _relations(lang: str) -> set[str]:
    texts = _table(lang, "words.toml").get("relation", ())
    return {word for text in texts for word in _LETTERS.findall(text.lower())}


def _medical(lang: str) -> set[str]:
    terms = pack_of(lang).list("terms").entries
    if not terms:
        return set()
    texts = [text for key in _MEDICAL_LISTS for text in words_of(lang).get(key, ())]
    return _letters([*texts, *terms], lang)


def _letters(texts: Iterable[str], lang: str) -> set[str]:
    """Return the words of four letters or more that are not names."""
    words = {word for text in texts for word in _LETTERS.findall(text.lower()) if len(word) >= _SHORTEST_MEDICAL}
    return {word for word in words if not is_identifying(word, lang) and not is_name_of_any_origin(word)}


def _table(lang: str, name: str) -> Mapping[str, Any]:
    return pack_of(lang).table(name) if pack_of(lang).has(name) else {}


def _words(entries: Iterable[str]) -> set[str]:
    """Return the words of a list's entries, which are in lower case; "solu-cortef" is two."""
    return {word for entry in entries for word in _LETTERS.findall(entry)}
