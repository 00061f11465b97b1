"""The ordinary words of a language: features that distinguish "Glömmer" and "Kolecystektomi" from a name.

A pipeline for CPUs learns few words from its notes, and takes the others for names if they begin with a capital. Three
flags of a lexeme hold prior knowledge; a config lists them among a tok2vec's ``attrs``:

- `ORDINARY` ("FLAG20"): the word is in a dictionary (simplemma's, MIT) or among the clinical terms of the language's
  words.toml and terms.txt, and in no list of names, towns, months or weekdays.
- `ORDINARY_FORM` ("FLAG21"): the word is formed like an ordinary one, see `has_ordinary_form`.
- `EPONYM` ("FLAG22"): the word occurs in an eponym, such as Romberg's test; the context decides whether it is a name.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any

from spacy.attrs import FLAG20, FLAG21, FLAG22, LOWER, NORM, PREFIX, SHAPE, SUFFIX
from spacy.lang.lex_attrs import LEX_ATTRS
from spacy.vocab import Vocab

from spacy_deid.lang.pack import ANY, pack_of
from spacy_deid.lang.tables import CLINICAL_LISTS, words_of
from spacy_deid.text import as_seen

ORDINARY, ORDINARY_FORM, EPONYM = FLAG20, FLAG21, FLAG22
_FEATURES = (LOWER, NORM, PREFIX, SUFFIX, SHAPE)
_FILES = ("forms.toml", "morphemes.toml", "words.toml")
_SHORTEST_END = 6  # letters; many surnames end in shorter words: -ström, -holm
# letters of a word that may be misspelt; shorter names are too often one letter from a word
_SHORTEST_MISSPELT = 8
_LETTERS = re.compile(r"[^\W\d_]+")


def see_words(vocab: Vocab) -> None:
    """Give the lexemes that ``vocab`` makes from now on the features of their word as a reader sees it."""
    getters: dict = vocab.lex_attr_getters  # type: ignore[attr-defined]
    for feature in _FEATURES:
        getters[feature] = partial(_of_seen_word, feature=getters.get(feature, LEX_ATTRS[feature]))


def _of_seen_word(word: str, feature: Callable[[str], Any]) -> Any:
    return feature(as_seen(word).text or word)


def add_word_flags(vocab: Vocab, lang: str) -> None:
    """Give the lexemes that ``vocab`` makes from now on the flags; in languages without lists none is set."""
    if not all(map(pack_of(lang).has, _FILES)):
        return
    # not Vocab.add_flag, which would read the dictionary now, for the lexemes that exist
    getters: dict = vocab.lex_attr_getters  # type: ignore[attr-defined]
    for flag, holds in ((ORDINARY, is_ordinary), (ORDINARY_FORM, has_ordinary_form), (EPONYM, is_eponym)):
        getters[flag] = partial(_of_seen_word, feature=partial(holds, lang=lang))


def is_ordinary(word: str, lang: str) -> bool:
    """Whether ``word``, in any case, is in a dictionary or a list of clinical terms, and in no identifying list."""
    word = word.lower()
    known = word in _clinical(lang) or _is_in_dictionary(word, lang)
    return word.isalpha() and known and word not in _identifying(lang)


def _is_in_dictionary(word: str, lang: str) -> bool:
    """Whether the dictionary of the pack's language, or else of the pack that it extends, has the word."""
    from simplemma import is_known  # its first call reads a dictionary for half a second

    for folder in pack_of(lang).own:
        try:
            return is_known(word, lang=folder.code)
        except ValueError:  # simplemma has no dictionary for this code, for example a hospital's
            continue
    return False


def has_ordinary_form(word: str, lang: str) -> bool:
    """Whether the form of ``word`` shows that it is not a name, though no list may hold it.

    It ends in an ordinary word of six letters or more, as Swedish compounds do, or consists of two shorter ones
    (gips-låda) without the ending of a surname; or has a beginning or an end of clinical words (-ektomi, -cillin); or
    has eight letters or more and is one slip from an ordinary word: an extra letter, a missing double letter, or two
    letters swapped.
    """
    word = word.lower()
    if not word.isalpha() or word in _identifying(lang):
        return False
    return (
        any(is_ordinary(word[at:], lang) for at in range(2, len(word) - _SHORTEST_END + 1))
        or _is_compound(word, lang)
        or _has_clinical_part(word, lang)
        or (len(word) >= _SHORTEST_MISSPELT and any(is_ordinary(other, lang) for other in _slips(word)))
    )


def is_eponym(word: str, lang: str) -> bool:
    """Whether ``word`` occurs in one of the language's eponyms, with or without the -s of a genitive."""
    word = word.lower()
    return word in _eponyms(lang) or word.removesuffix("s") in _eponyms(lang)


def is_only_eponym(text: str, lang: str) -> bool:
    """Whether lists/eponyms.txt has the text as a person known from medical terms alone.

    The genitive's -s and all after a hyphen do not matter: "Crohns", "Crohn-liknande".
    """
    word = text.casefold()
    return not {word, word.removesuffix("s"), word.partition("-")[0]}.isdisjoint(pack_of(lang).list("eponyms").sure)


def begins_with_eponym(text: str, lang: str) -> bool:
    """Whether lists/eponyms.txt has the first word, with or without the genitive's -s, also as one with "?"."""
    word = text.split()[0].casefold()
    marked = pack_of(lang).list("eponyms").marked
    return is_only_eponym(word, lang) or not {word, word.removesuffix("s")}.isdisjoint(marked)


@cache
def diseases_of_eponyms(lang: str) -> re.Pattern[str]:
    """Return a pattern of the language's diseases named after a person, as they are written: "Sjögrens syndrom".

    In languages without lists it matches nothing.
    """
    if not pack_of(lang).has("words.toml"):
        return re.compile("(?!)")
    nouns = set(_morphemes(lang)["disease"]["nouns"])
    terms = [term for term in words_of(lang)["eponym"] if not nouns.isdisjoint(term.split())]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(terms, key=len, reverse=True)))})\b")


def is_clinical_term(word: str, lang: str) -> bool:
    """Whether ``word``, in any case, is in a list of clinical terms; some of these are also names (SARA, a scale)."""
    return word.lower() in _clinical(lang)


def is_listed_term(word: str, lang: str) -> bool:
    """Whether ``word``, in any case, is in a list of words.toml: clinical terms, eponyms, professions, measures ..."""
    return word.lower() in _listed(lang)


def is_identifying(word: str, lang: str) -> bool:
    """Whether ``word``, in any case, is in a list of the language's names, towns, months or weekdays."""
    return word.lower() in _identifying(lang)


def is_given_name(word: str) -> bool:
    """Whether ``word``, in any case, is in a list of first names of any origin."""
    return word.lower() in _names_of_any_origin("female", "male")


def is_name_of_any_origin(word: str) -> bool:
    """Whether ``word``, in any case, is in a list of first names or surnames of any origin."""
    return word.lower() in _names_of_any_origin("female", "male", "last")


def ends_as_surname(word: str, lang: str) -> bool:
    """Whether ``word``, in any case, has an ending of the language's surnames: -ström, -gren."""
    return word.lower().endswith(_morphemes(lang).get("compound", {}).get("surname_ends", ()))


def _is_compound(word: str, lang: str) -> bool:
    compound = _morphemes(lang).get("compound")
    if compound is None or len(word) < compound["shortest"] or word.endswith(compound["surname_ends"]):
        return False
    return any(
        is_ordinary(word[at:], lang)
        and any(is_ordinary(start, lang) for start in {word[:at], word[:at].removesuffix("s")})
        for at in range(3, len(word) - 3)
    )


def _has_clinical_part(word: str, lang: str) -> bool:
    parts = _morphemes(lang)
    beginning, end = parts["beginning"], parts["end"]
    return (len(word) >= beginning["shortest"] and word.startswith(beginning["parts"])) or (
        len(word) >= end["shortest"] and word.endswith(end["parts"])
    )


def _slips(word: str) -> Iterator[str]:
    """Yield the words of which ``word`` may be a misspelling."""
    for at in range(len(word)):
        start, end = word[:at], word[at:]
        yield start + end[1:]
        yield start + end[0] + end
        if len(end) > 1:
            yield start + end[1] + end[0] + end[2:]


@cache
def _morphemes(lang: str) -> Mapping[str, Any]:
    table = pack_of(lang).table("morphemes.toml")
    return {
        key: {name: tuple(value) if isinstance(value, list) else value for name, value in part.items()}
        for key, part in table.items()
    }


@cache
def _clinical(lang: str) -> frozenset[str]:
    """Return the words of the clinical terms in lower case, without eponyms, which are also people's names."""
    terms = [term for key in CLINICAL_LISTS if key != "eponym" for term in words_of(lang).get(key, ())]
    terms += pack_of(lang).list("terms").entries
    return frozenset(word for term in terms for word in _LETTERS.findall(term.lower()))


@cache
def _listed(lang: str) -> frozenset[str]:
    terms = (term for terms in words_of(lang).values() for term in terms)
    return frozenset(word for term in terms for word in _LETTERS.findall(term.lower()))


@cache
def _eponyms(lang: str) -> frozenset[str]:
    """Return the words of the eponyms that are in no dictionary: the person's name, without "sjukdom" or "test"."""
    words = {word for term in words_of(lang)["eponym"] for word in _LETTERS.findall(term) if word[0].isupper()}
    return frozenset(word.lower() for word in words if len(word) > 2 and not is_ordinary(word, lang))


@cache
def _identifying(lang: str) -> frozenset[str]:
    """Return the words of the package's own lists of names and towns, and of the calendar, in lower case."""
    pack = pack_of(lang)
    forms = pack.table("forms.toml") if pack.has("forms.toml") else {}
    texts = [*forms.get("months", ()), *forms.get("weekdays", ()), *forms.get("lists", {}).get("land", ())]
    texts += [line.partition(";")[0] for line in pack.list("towns").entries]
    for origin in forms.get("origins", ()):
        table = pack.names(origin)
        texts += [table[kind] for kind in ("female", "male", "last")]
    words = {word for text in texts for word in _LETTERS.findall(text.lower())}
    return frozenset(words | {f"{word}s" for word in words})


@cache
def _names_of_any_origin(*kinds: str) -> frozenset[str]:
    """Return the names of the kinds "female", "male" and "last" of every origin, in lower case."""
    tables = map(pack_of(ANY).names, pack_of(ANY).origins())
    texts = (table[kind] for table in tables for kind in kinds)
    return frozenset(name for text in texts for name in _LETTERS.findall(text.lower()))
