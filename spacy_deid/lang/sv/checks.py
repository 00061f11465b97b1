"""Checks of Swedish names, places and units: str -> bool; days.py checks dates, identity.py numbers."""

import re

from stdnum import luhn

from spacy_deid.lang import lexicon
from spacy_deid.lang.lexicon import (
    ends_as_surname,
    has_ordinary_form,
    is_clinical_term,
    is_eponym,
    is_listed_term,
    is_ordinary,
)
from spacy_deid.lang.sv.days import (  # noqa: F401  rules name them
    are_days_before_month,
    is_compact_date,
    is_day_and_month,
    is_misread_day_and_month,
)
from spacy_deid.lang.sv.identity import (  # noqa: F401  rules name them
    digits_of,
    has_birth_date,
    is_national_reserve_number,
    is_personal_number,
)
from spacy_deid.lang.sv.lists import (
    ambiguous,
    first_names,
    known,
    letters,
    names,
    nicknames,
    persons_of_diseases,
    surnames,
)

_PLACES = ("places", "towns")


def is_luhn(text: str) -> bool:
    """Whether the check digit is right (ISO/IEC 7812)."""
    return luhn.is_valid(digits_of(text))


def is_phone_number(text: str) -> bool:
    """Whether a Swedish subscriber number with area code has a possible length, 8 to 10 digits."""
    return 8 <= len(digits_of(text)) <= 10


def is_place(text: str) -> bool:
    """Whether the text is unambiguously a known place."""
    return any(text.casefold() in known(places) for places in _PLACES)


def is_maybe_place(text: str) -> bool:
    """Whether the text is a known place, or a word or name that is also one if it has a capital."""
    word = text.casefold()
    return is_place(text) or (text[0].isupper() and any(word in ambiguous(places) for places in _PLACES))


def begins_with_place(text: str) -> bool:
    """Whether the words before the last one are a known place, or its genitive: "Stockholms stad"."""
    place = text.rpartition(" ")[0]
    return is_maybe_place(place) or is_maybe_place(place.removesuffix("s"))


def ends_in_place(text: str) -> bool:
    """Whether the last word is a known place or hospital: "kirurgkliniken i Falun"."""
    last = text.split()[-1]
    return is_maybe_place(last) or is_maybe_hospital(last)


def is_hospital(text: str) -> bool:
    """Whether the text is unambiguously the everyday name of a hospital."""
    return text.casefold() in known("hospital_names")


def is_hospital_or_part(text: str) -> bool:
    """Whether the text is a hospital's everyday name, or that and a speciality: "NUS-thorax"."""
    return is_hospital(text) or is_hospital(text.partition("-")[0])


def is_maybe_hospital(text: str) -> bool:
    """Whether the text is the everyday name of a hospital, though it may also mean something else."""
    return is_hospital(text) or text.casefold() in ambiguous("hospital_names")


def names_centre(text: str) -> bool:
    """Whether the text before the kind of centre is a name: "Rinkeby vc", not "Hemma BVC"."""
    return is_person(text.rpartition(" ")[0])


def names_unit(text: str) -> bool:
    """Whether the text after the kind of unit is a name: "Vårdcentralen Centrum", not "Vårdcentralen Ringer"."""
    return is_person(" ".join(word for word in text.split()[1:] if word[0].isupper()))


def is_only_eponym(text: str) -> bool:
    """Whether the text is a person known from medical terms alone."""
    return lexicon.is_only_eponym(text, "sv")


def begins_with_eponym(text: str) -> bool:
    """Whether the first word is an eponym, though it may be a surname."""
    return lexicon.begins_with_eponym(text, "sv")


def is_disease_of_eponym(text: str) -> bool:
    """Whether a disease is named after the person after "M.": "M. Bechterew", not "M. Berg", whose name a scale has."""
    name = text.partition(".")[2].strip()
    return is_only_eponym(name) or name.casefold().removesuffix("s") in persons_of_diseases()


def is_employer(text: str) -> bool:
    """Whether an employer may be a firm: not a place, a hospital, a unit or a word of a dictionary."""
    first = text.split()[0]
    is_unit = re.search(
        r"(?:avdelning|enhet|mottagning|klinik|central|sjukhus|lasarett|boende|gården|hemmet|teamet)", text
    )
    return (
        is_person(text)
        and not is_unit
        and not is_ordinary(first, "sv")
        and not is_maybe_place(first)
        and not is_maybe_hospital(first)
    )


def is_unlisted_place(text: str) -> bool:
    """Whether the word is in neither a list of names nor a dictionary: "Torplunda", not "Sjöstad"."""
    return text.casefold() not in names() and is_unknown_person(text) and not is_listed_term(text, "sv")


def is_person(text: str) -> bool:
    """Whether no word of the text is one that occurs in the place of names but is not a name.

    Beside a listed first name such a word may be a surname: "Karl Ny".
    """
    words = re.findall(r"\w[\w-]*", text.casefold())
    none = known("not_names").intersection(words)
    return not none or (none <= known("surnames_that_are_words") and not first_names().isdisjoint(words))


def is_unknown_person(text: str) -> bool:
    """Whether the text may be a person and none of its words is in a dictionary: "VIKTOR STJERNA", "Iryna"."""
    return is_person(text) and not any(is_ordinary(word, "sv") for word in letters(text) if len(word) > 1)


def begins_with_unknown_person(text: str) -> bool:
    """Whether the text may be a person and its first word of two letters or more is in no dictionary."""
    words = [word for word in letters(text) if len(word) > 1]
    if not words or not is_person(text):
        return False
    return not is_ordinary(words[0], "sv") or (text.isupper() and is_first_name(words[0]))


def is_person_after_title(text: str) -> bool:
    """Whether the text may be a person; in capitals, only if no dictionary has its words."""
    return is_unknown_person(text) if text.isupper() else is_person(text)


def ends_in_surname(text: str) -> bool:
    """Whether the last word may be a surname; after a single capital, which may end a sentence, it must be listed."""
    *initials, word = letters(text)
    if len("".join(initials)) == 1:
        return is_listed_name(word)
    may_be_one = ends_as_surname(word, "sv") or is_unknown_word(word)
    return is_person(word) and (_is_surname(word) or (may_be_one and not is_listed_term(word, "sv")))


def is_first_name_and_surname(text: str) -> bool:
    """Whether a listed first name is followed by a surname, which may also be a word: "Karl Ny"."""
    first, last = text.split()
    return is_listed_name(first) and is_first_name(first) and _is_surname(last)


def is_full_name_in_lower_case(text: str) -> bool:
    """Whether a first name that is nothing else is followed by a surname: "anna svensson", "mona ask"."""
    first, last = text.split()
    parts = first.split("-")
    if not first_names().issuperset(parts) or len(last) < 4 or not _is_surname(last) or last in known("name_words"):
        return False
    return is_person(last) and (len(parts) > 1 or is_only_first_name(first))


def begins_with_listed_first_name(text: str) -> bool:
    """Whether the first word is a listed first name, and the second no name by itself: "Denise A"."""
    first = text.split()[0]
    return is_listed_name(first) and is_first_name(first.partition("-")[0])


def is_name_with_hyphens(text: str) -> bool:
    """Whether letters with hyphens between them make a listed name: "k-a-j-s-a"."""
    return text.replace("-", "").casefold() in names()


def is_surname_that_is_a_word(text: str) -> bool:
    """Whether the word is also a surname: "Ny"."""
    return text.casefold() in known("surnames_that_are_words")


def ends_in_surname_alone(text: str) -> bool:
    """Whether the last word is a listed name and in no dictionary."""
    return is_listed_name(letters(text)[-1])


def is_name_in_spaced_letters(text: str) -> bool:
    """Whether single letters make a listed first name, or one and a surname: "e v a  e k"."""
    words = ["".join(letters(part)) for part in re.split("[ ]{2,}", text)]
    joined = "".join(words)
    ends = range(2, len(joined) - 1)
    return any(len(word) > 2 and is_first_name(word) and is_unknown_person(word) for word in words) or any(
        is_first_name(joined[:end]) and _is_surname(joined[end:]) for end in ends
    )


def _is_surname(word: str) -> bool:
    word = word.casefold()
    forms = {word, word.removesuffix("s")}
    return not (forms.isdisjoint(surnames()) and forms.isdisjoint(known("surnames_that_are_words")))


def is_unknown_word(text: str) -> bool:
    """Whether the word is in neither a dictionary nor the clinical lists: "roffe", not "hypotyreos"."""
    return text.casefold() in nicknames() or (
        begins_with_unknown_person(text)
        and (
            is_first_name(text)
            or (len(text) > 3 and not is_listed_term(text, "sv") and not has_ordinary_form(text, "sv"))
        )
    )


def is_first_name(text: str) -> bool:
    """Whether the first word, with or without a genitive -s, is in the lists of first names."""
    word = text.split()[0].casefold()
    return not {word, word.removesuffix("s")}.isdisjoint(first_names())


def is_only_first_name(text: str) -> bool:
    """Whether the text is in the lists of first names and in no other dictionary."""
    return is_first_name(text) and is_unknown_person(text) and not is_listed_term(text, "sv")


def is_listed_name(text: str) -> bool:
    """Whether the word, or each part of a double name, is in lists of names, and in no list of other words."""
    word = text.casefold()
    parts = word.removesuffix("s").split("-")
    return (
        all(part in names() or f"{part}s" in names() for part in parts)
        and word not in known("name_words")
        and (is_unknown_person(text) or (word in nicknames() and is_person(text)))
        # surnames occur in eponyms; a guard knows those with first names: Thomas test
        and (is_first_name(text) or not (is_listed_term(text, "sv") or is_eponym(text, "sv")))
        and not is_only_eponym(text)
        and not is_maybe_place(text)
        and not is_maybe_hospital(text)
    )


def is_listed_first_name_in_capitals(text: str) -> bool:
    """Whether the word is in a list of first names, and in none of clinical words, tests or places: "XIMENA"."""
    word = text.casefold()
    return (
        is_only_first_name(text)
        and word not in known("name_words")
        and not is_clinical_term(text, "sv")
        and not is_maybe_hospital(text)
        and not is_place(text)
    )


def is_initials(text: str) -> bool:
    """Whether capitals after a word of signing may be a person's, and not a ward, test or disease."""
    return is_person(text) and not is_maybe_hospital(text)


def names_unit_unknown(text: str) -> bool:
    """Whether the text after the kind of unit is a place, or a name that is in no dictionary."""
    words = [word for word in re.findall(r"\w[\w-]*", text)[1:] if word[0].isupper()]
    return bool(words) and (
        is_unknown_person(words[0])
        or (is_maybe_place(words[-1]) and is_person(words[0]))
        or is_maybe_hospital(words[-1])
    )
