"""Checks of what the patterns in rules/*.toml found: str -> bool, on the span's text."""

import datetime as dt
import re
from itertools import pairwise

from spacy_deid.lang import lexicon
from spacy_deid.lang.lexicon import is_ordinary
from spacy_deid.lang.nb.identity import has_birth_date, is_fh_number, is_identity_number, is_organisation_number
from spacy_deid.lang.nb.lists import ambiguous, first_names, hospitals, known, letters, surnames

# parts of towns and regions that units are named after
_PARTS = frozenset(("nord", "sør", "øst", "vest", "sentrum", "midt"))

# the checks that come from identity.py; rules find all checks in this module
__all__ = ["has_birth_date", "is_fh_number", "is_identity_number", "is_organisation_number"]


def is_compact_date(text: str) -> bool:
    """Return whether 6 digits (ddmmyy) or 8 (ddmmyyyy) are a day of the calendar: "120423"."""
    digits = re.sub(r"\D", "", text)
    year = digits[4:] if len(digits) == 8 else f"20{digits[4:]}"
    return year[:2] in ("19", "20") and _is_date(int(year), int(digits[2:4]), int(digits[:2]))


def is_day_and_month(text: str) -> bool:
    """Return whether the first two numbers are a day and a month; in "12.-15.4" the last two."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    return any(_is_date(2000, month, day) for day, month in pairwise(numbers))


def is_place(text: str) -> bool:
    """Return whether the text is a known place and hardly anything else."""
    return text.casefold() in known("towns") | known("places")


def is_maybe_place(text: str) -> bool:
    """Return whether the text is a known place, or a word or name that is one too when written with a capital."""
    marked = text.casefold() in ambiguous("towns") | ambiguous("places")
    return is_place(text) or (marked and text[0].isupper())


def begins_with_place(text: str) -> bool:
    """Return whether a known place stands before the last word: "Bærum kommune"."""
    place = text.rpartition(" ")[0]
    return is_maybe_place(place) or is_maybe_place(place.removesuffix("s"))


def ends_in_place(text: str) -> bool:
    """Return whether the last word, or the last two, are a known place or hospital: "DPS Follo"."""
    words = text.split()
    return any(is_maybe_place(end) or is_hospital(end) for end in (words[-1], " ".join(words[-2:])))


def ends_in_place_or_direction(text: str) -> bool:
    """Return whether a place, a hospital or a part of a town ends the text: "BUP Nord"."""
    return ends_in_place(text) or text.split()[-1].casefold() in _PARTS


def is_hospital(text: str) -> bool:
    """Return whether the text is the name of a hospital, full or everyday."""
    return text.casefold() in hospitals()


def names_centre(text: str) -> bool:
    """Return whether a name stands before the kind of centre: "Sagene legesenter", not "Ved legesenter"."""
    return is_person(text.rpartition(" ")[0])


def is_only_eponym(text: str) -> bool:
    """Return whether the text is a person known from medical terms alone."""
    return lexicon.is_only_eponym(text, "nb")


def begins_with_eponym(text: str) -> bool:
    """Return whether the first word is an eponym, though it may be a surname."""
    return lexicon.begins_with_eponym(text, "nb")


def is_employer(text: str) -> bool:
    """Return whether what somebody works for may be a firm: no place, hospital or word of a dictionary."""
    first = text.split()[0]
    return is_person(text) and not (is_maybe_place(first) or is_hospital(text) or is_ordinary(first, "nb"))


def is_person(text: str) -> bool:
    """Return whether no word of the text is one that stands where names stand but is none."""
    return known("not_names").isdisjoint(re.findall(r"\w[\w-]*", text.casefold()))


def is_unknown_person(text: str) -> bool:
    """Return whether the text may be a person and begins with a listed name or a word that no dictionary holds."""
    words = [word for word in letters(text) if len(word) > 1]
    return bool(words) and is_person(text) and (_is_name(words[0]) or not is_ordinary(words[0], "nb"))


def is_first_name(text: str) -> bool:
    """Return whether the first word, or what is left without genitive -s, is in the lists of first names."""
    return _is_in(text.split()[0], first_names())


def is_first_name_and_surname(text: str) -> bool:
    """Return whether a listed first name is followed by what may be a surname: listed, or in no dictionary."""
    first, *_, last = text.split()
    is_surname = _is_in(last, surnames()) or not is_ordinary(last, "nb")
    return is_first_name(first) and is_surname and is_person(text) and not is_maybe_place(first)


def ends_in_surname(text: str) -> bool:
    """Return whether the last word is a listed surname: "K. Haugen", not "M. Kontroll"."""
    last = letters(text)[-1]
    return _is_in(last, surnames()) and is_person(last)


def is_listed_name(text: str) -> bool:
    """Return whether lists of names hold the word, or both parts of a double name, and no list of what else it is."""
    word = text.casefold()
    parts = word.split("-")
    return (
        all(_is_name(part) for part in parts)
        and {word, word.removesuffix("s")}.isdisjoint(known("name_words"))
        and is_person(text)
        and not is_only_eponym(text)
        and not is_maybe_place(text)
        and not is_hospital(text)
    )


def is_initials(text: str) -> bool:
    """Return whether capitals behind a word of signing may be a person's: no measurement, test or hospital."""
    return is_person(text) and not is_hospital(text)


def _is_name(word: str) -> bool:
    return _is_in(word, first_names()) or _is_in(word, surnames())


def _is_in(word: str, names: frozenset[str]) -> bool:
    word = word.casefold()
    return not {word, word.removesuffix("s")}.isdisjoint(names)


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True
