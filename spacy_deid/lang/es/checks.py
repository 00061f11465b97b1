"""Checks of Spanish names and places found by their form: str -> bool; days.py checks dates, identity.py numbers."""

from functools import lru_cache

from phonenumbers import NumberParseException, is_valid_number, parse

from spacy_deid.lang.es.days import is_compact_date, is_date, is_range_of_days, is_year_or_years  # noqa: F401  rules name them
from spacy_deid.lang.es.identity import (  # noqa: F401  rules name them
    is_bank_account,
    is_cedula,
    is_cedula_of_ecuador,
    is_cif,
    is_cip,
    is_cuit,
    is_dni,
    is_luhn,
    is_nass,
    is_nie,
    is_nif,
    is_rfc,
    is_rut,
)
from spacy_deid.lang.es.lists import (
    all_names,
    first_names,
    hospitals,
    known,
    letters,
    names_in_spanish,
    surnames,
    towns,
)
from spacy_deid.lang.lexicon import is_eponym, is_listed_term, is_ordinary

_LONGEST_ABBREVIATION = 4  # letters: CAM and SARA are tests
_LONGEST_PARTICLE = 3  # letters: del, las
_OPENS_PROPER_NAME = frozenset(
    ("El", "La", "Los", "Las", "San", "Santa", "Santo", "Sant", "Nuestra", "Ntra", "Virgen", "Don", "Dr", "Dra")
)
_LETTER_NAMES = frozenset(
    (
        "be",
        "ce",
        "de",
        "efe",
        "ge",
        "hache",
        "jota",
        "ka",
        "ele",
        "eme",
        "ene",
        "eñe",
        "pe",
        "cu",
        "ere",
        "erre",
        "ese",
        "te",
        "uve",
        "ve",
        "equis",
        "ye",
        "zeta",
        "ceta",
        "griega",
        "i",
        "doble",
    )
)
_FIRST_OF_TWO = ("ana", "jose", "josé", "juan", "maria", "maría", "mari", "luis", "rosa")  # maría dolores, josé jesús


def is_phone(text: str) -> bool:
    """Whether the Spanish numbering plan, or that of the number's country code, assigns the number.

    With a plus sign the country code is enough: plans change, and Mexicans still write +52 1.
    """
    try:
        number = parse(text, "ES")
    except NumberParseException:
        return False
    return text.startswith("+") or is_valid_number(number)


def is_person(text: str) -> bool:
    """Whether the first word is a listed name, or in no dictionary: "Carmen", "Svetlana", not "Alérgica"."""
    first = next(iter(letters(text)), "")
    word = first.casefold()
    if word in known("not_names") or len(word) < 2:
        return False
    if word in first_names() or word in surnames():
        return not first.isupper() or len(word) > _LONGEST_ABBREVIATION
    return not first.isupper() and not _is_ordinary(word) and not is_eponym(word, "es")


def is_town(text: str) -> bool:
    """Whether the text, in any case, is in a list of towns."""
    return text.casefold() in towns()


def is_maybe_place(text: str) -> bool:
    """Whether the text, where a place is expected, is a town or has words that are in no dictionary."""
    words = letters(text)
    return is_town(text) or not (
        text.isupper() or words[0].casefold() in known("not_names") or all(_is_other_word(word) for word in words)
    )


def is_hospital(text: str) -> bool:
    """Whether the text, in any case, is a hospital's everyday name of five letters or more in hospitals.txt."""
    return text.casefold() in hospitals()


def is_proper(text: str) -> bool:
    """Whether what follows a kind of institution is a name: "Posta Icalma", "La Salle", not "Dental"."""
    words = letters(text)
    return any(word in _OPENS_PROPER_NAME for word in words) or (not text.isupper() and is_person(words[-1]))


def is_person_or_initial(text: str) -> bool:
    """Whether a name follows initials, if there are any: "M. Ttito", "Barrionuevo", not "A. Coronaria"."""
    words = [word for word in letters(text) if len(word) > 1]
    return bool(words) and is_person(words[0])


def is_name_in_full(text: str) -> bool:
    """Whether one of the words, in any case, is unambiguously a name; in lower case each may be one."""
    words = [word for word in letters(text.casefold()) if len(word) > _LONGEST_PARTICLE]
    return any(map(_is_only_name, words)) and (not text.islower() or all(word in all_names() for word in words))


def is_spelled_out(text: str) -> bool:
    """Whether letters or their names, with marks between, are no row of the alphabet: "ene-u-eñe", not "A-B-C-D"."""
    parts = letters(text.casefold())
    row = all(len(part) == 1 for part in parts) and parts == sorted(parts)
    return len(parts) > 3 and not row and all(len(part) == 1 or part in _LETTER_NAMES for part in parts)


def is_named(text: str) -> bool:
    """Whether a word is in a list of names or in no dictionary: "Ruber", "San José", not "Dental"."""
    return any(is_person(word) for word in letters(text)) and not text.isupper()


def is_first_name(text: str) -> bool:
    """Whether the first word is a listed first name, though it may be another word: "Carmen", "Esperanza"."""
    first = letters(text)[0]
    is_short = first.isupper() and len(first) <= _LONGEST_ABBREVIATION
    return first.casefold() in first_names() and first.casefold() not in known("not_names") and not is_short


def is_first_name_or_unlisted_pair(text: str) -> bool:
    """Whether the first word is a listed first name, or several words are in no dictionary: "Olha Shevchuk"."""
    words = [word for word in letters(text) if len(word) > _LONGEST_PARTICLE]
    return is_first_name(text) or (len(words) > 1 and all(is_person(word) for word in words))


def is_only_first_name(text: str) -> bool:
    """Whether the first word is unambiguously a listed first name: "Carmen", not "Clara" or "Will"."""
    first = letters(text)[0].casefold()
    is_own = first in names_in_spanish()[0]
    is_other = first in first_names() and first not in known("name_words") and not _is_ordinary(first)
    return (is_own or is_other) and not (
        first in known("not_names") or is_listed_term(first, "es") or is_eponym(first, "es")
    )


def is_pair_of_names(text: str) -> bool:
    """Whether two capitalised words are names: "Manuel Ortega", "García Torre", "Mary McDonald".

    At least one of them is unambiguous; a word after a first name need not be in a list if it is in no dictionary. Over
    two lines, both are unambiguous.
    """
    first, *_, last = letters(text.casefold())
    if not known("not_names").isdisjoint([first, last]) or is_listed_term(last, "es") or text.casefold() in towns():
        return False
    if "\n" in text and not (is_only_first_name(first) and last in names_in_spanish()[1]):
        return False
    if last in surnames() or last in first_names():
        return is_only_first_name(first) or (
            (first in first_names() or first in surnames())
            and (_is_only_name(first) or _is_only_name(last) or is_only_first_name(last))
        )
    return is_only_first_name(first) and not _is_ordinary(last) and not is_eponym(last, "es")


def is_last_name_first(text: str) -> bool:
    """Whether a surname, or a word of no dictionary, is followed by a comma and a listed first name."""
    last, _, first = text.partition(",")
    words = [word for word in letters(last) if len(word) > 1]  # O'Connor: Connor
    name = words[-1].casefold() if words else ""
    return (
        bool(words)
        and is_first_name(first)
        and (not is_first_name(last) or words[0].casefold() in names_in_spanish()[1])
        and not any(_is_other_word(word) for word in words)
        and (name in surnames() or (is_only_first_name(first) and last.casefold() not in towns()))
    )


def is_pair_of_names_in_lower_case(text: str) -> bool:
    """Whether two words in lower case are a name: one is unambiguous, and the other may be a name.

    "juan antonio", "antonio garcía", "garcía lópez", "dolores garcía"; not "dolores de cabeza".
    """
    if text.partition(" ")[0] not in all_names():  # quick, and true of nearly all texts
        return False
    first, *_, last = letters(text)
    own_first, own_last = names_in_spanish()
    if first in own_first:
        return last in own_first or last in surnames() or (first in _FIRST_OF_TWO and last in first_names())
    is_name = first in first_names() or (first in own_last and last in own_last)
    return (last in own_last or last in own_first) and is_name and first not in known("not_names")


def is_person_in_lower_case(text: str) -> bool:
    """Whether each word but particles is a listed name, where a name is expected: after "nombre:", "dr."."""
    first, *others = letters(text)
    listed = [word in first_names() or word in surnames() for word in others if len(word) > _LONGEST_PARTICLE]
    return (first in first_names() or first in surnames()) and first not in known("not_names") and all(listed)


def ends_in_name(text: str) -> bool:
    """Whether the last word, after initials, is unambiguously a name: "J. Pérez", "J.-P. Lefèvre", not "V. Cava"."""
    last = letters(text)[-1].casefold()
    is_foreign = last in surnames() and not _is_ordinary(last)
    return (is_foreign or _is_only_name(last)) and not is_eponym(last, "es") and not is_listed_term(last, "es")


@lru_cache(maxsize=4096)
def _is_ordinary(word: str) -> bool:
    """Whether `is_ordinary`, which is slow, holds; the same few words begin many sentences."""
    return is_ordinary(word, "es")


def _is_other_word(word: str) -> bool:
    is_abbreviation = word[:2].isupper() and not word.isupper()  # ANCAs
    return is_abbreviation or word.casefold() in known("not_names") or _is_ordinary(word) or is_eponym(word, "es")


def _is_only_name(word: str) -> bool:
    return any(word in names for names in names_in_spanish())


def is_first_name_in_spanish(text: str) -> bool:
    """Whether a word in lower case is unambiguously a first name where Spanish is spoken."""
    return letters(text)[0].casefold() in names_in_spanish()[0]
