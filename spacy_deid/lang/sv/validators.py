"""Checks of what the patterns in recognizers.toml found: str -> bool, on the span's text."""

import datetime
import re
from functools import cache
from importlib.resources import files

from stdnum import luhn

_NUMBER_WORD = re.compile(
    "ett|två|tre|fyra|fem|sex|sju|åtta|nio|tio|elva|tolv|tretton|fjorton|femton|sexton|sjutton|arton|nitton|tjugo|"
    "trettio|fyrtio|femtio|sextio|sjuttio|åttio|nittio|hundra",
    re.IGNORECASE,
)


def is_personal_number(text: str) -> bool:
    """Return whether a personnummer or samordningsnummer has a possible date of birth and the right check digit."""
    return has_birth_date(text) and luhn.is_valid(_digits(text)[-10:])


def has_birth_date(text: str) -> bool:
    """Return whether the digits begin with a date of birth; in a samordningsnummer its day is 60 higher."""
    digits = _digits(text)
    with_century = len(digits) >= 8 and digits[:2] in ("18", "19", "20") and _is_birth(digits[:4], digits[4:8])
    return with_century or (len(digits) != 12 and _is_birth("20" + digits[:2], digits[2:6]))


def is_compact_date(text: str) -> bool:
    """Return whether 6 digits (yymmdd) or 8 (yyyymmdd) are a day of the calendar."""
    century = "" if len(text) == 8 else "20"
    digits = century + text
    return _is_date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def is_day_and_month(text: str) -> bool:
    """Return whether the first two numbers are a day and a month; in "12-15/4" the last two."""
    days, slash, rest = text.partition("/")
    day, month = re.findall(r"\d+", re.split("[-–]", days)[-1] + slash + rest if slash else text)[:2]
    return _is_date(2000, int(month), int(day))


def is_luhn(text: str) -> bool:
    """Return whether the check digit of the digits is right (ISO/IEC 7812)."""
    return luhn.is_valid(_digits(text))


def is_ip_address(text: str) -> bool:
    """Return whether four numbers between dots are all below 256."""
    return all(int(part) < 256 for part in text.split("."))


def is_phone_number(text: str) -> bool:
    """Return whether a Swedish subscriber number with area code has a possible length, 8 to 10 digits."""
    return 8 <= len(_digits(text)) <= 10


def is_place(text: str) -> bool:
    """Return whether the text is a known place and hardly anything else."""
    return text.casefold() in _known("places")


def is_maybe_place(text: str) -> bool:
    """Return whether the text is a known place, or a word or name that is one too when written with a capital."""
    return is_place(text) or (text[0].isupper() and text.casefold() in _ambiguous("places"))


def ends_in_place(text: str) -> bool:
    """Return whether the last word is a known place or hospital: "kirurgkliniken i Falun"."""
    last = text.split()[-1]
    return is_maybe_place(last) or is_hospital(last)


def is_hospital(text: str) -> bool:
    """Return whether the text is the everyday name of a hospital and hardly anything else."""
    return text.casefold() in _known("hospitals")


def is_maybe_hospital(text: str) -> bool:
    """Return whether the text is the everyday name of a hospital, though it may stand for something else."""
    return is_hospital(text) or text.casefold() in _ambiguous("hospitals")


def names_unit(text: str) -> bool:
    """Return whether what follows the kind of unit is a name: "Vårdcentralen Centrum", not "Vårdcentralen Ringer"."""
    return is_person(" ".join(word for word in text.split()[1:] if word[0].isupper()))


def is_eponym(text: str) -> bool:
    """Return whether the text, or what is left without genitive -s or compound, is a person only in medical terms."""
    word = text.casefold()
    known = _known("eponyms")
    return word in known or word.removesuffix("s") in known or word.partition("-")[0] in known


def begins_with_eponym(text: str) -> bool:
    """Return whether the first word, or what is left without genitive -s, is an eponym, though it may be a surname."""
    word = text.split()[0].casefold()
    return is_eponym(word) or not {word, word.removesuffix("s")}.isdisjoint(_ambiguous("eponyms"))


def begins_with_number_word(text: str) -> bool:
    """Return whether the text begins with a number in words."""
    return _NUMBER_WORD.match(text) is not None


def is_person(text: str) -> bool:
    """Return whether no word of the text is one that stands where names stand but is none."""
    return _known("not_names").isdisjoint(re.findall(r"\w[\w-]*", text.casefold()))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_birth(year: str, month_day: str) -> bool:
    day = int(month_day[2:])
    return _is_date(int(year), int(month_day[:2]), day - 60 if day > 60 else day)


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def _known(name: str) -> frozenset[str]:
    return _words(name)[0]


def _ambiguous(name: str) -> frozenset[str]:
    return _words(name)[1]


@cache
def _words(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the entries of known/NAME.txt in lower case, without and with the mark "?"."""
    lines = files("spacy_deid.lang.sv").joinpath("known", f"{name}.txt").read_text("utf8").splitlines()
    entries = {word.strip().casefold() for line in lines if not line.startswith("#") for word in line.split(",")} - {""}
    ambiguous = {entry.removeprefix("?") for entry in entries if entry.startswith("?")}
    return frozenset(entry for entry in entries if not entry.startswith("?")), frozenset(ambiguous)
