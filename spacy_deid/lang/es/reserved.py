"""Spanish numbers in the form of a given one, of series that are as far as can be from those in use."""

import re
from random import Random

from stdnum.es import dni

from spacy_deid.lang.digits import pour

_DNI = re.compile(r"(?:\d{7,8}|\d{1,2}\.\d{3}\.\d{3})[ -]{0,3}[A-Za-z]")
_NIE = re.compile(r"[XYZxyz][ -]{0,2}\d{7,8}[ -]{0,2}[A-Za-z]")
_ABROAD = re.compile(r"\(?(?:\+|00)34\)?[ -]?|34(?=\d{9}$)")
_KEPT = 2  # first digits of a telephone number: mobile or not, and the province


def identity(text: str, days: int, rng: Random) -> str | None:
    """Return a DNI or NIE with the right letter, of the highest numbers; None where the text is neither.

    Neither says when its holder was born, so that ``days`` does not count.
    """
    if _DNI.fullmatch(text):
        width = sum(character.isdigit() for character in text)
        number = f"{10**width - 1 - rng.randrange(10**6 - 1):0{width}}"
        return _with_case(pour(number, text[:-1]) + dni.calc_check_digit(number.zfill(8)), text)
    if _NIE.fullmatch(text):
        width = sum(character.isdigit() for character in text)
        number = f"{10**width - 1 - rng.randrange(10**6 - 1):0{width}}"
        letter = dni.calc_check_digit(f"2{number[-7:]}")
        return _with_case("Z" + pour(number, text[1:-1]) + letter, text)
    return None


def phone(text: str, rng: Random) -> str:
    """Return a number that begins as the given one and goes on otherwise: Spain reserves none for fiction."""
    abroad = _ABROAD.match(text)
    opening = abroad[0] if abroad else ""
    digits = re.sub(r"\D", "", text[len(opening) :])
    drawn = digits[:_KEPT] + "".join(str((int(digit) + rng.randint(1, 9)) % 10) for digit in digits[_KEPT:])
    return opening + pour(drawn, text[len(opening) :])


def _with_case(number: str, text: str) -> str:
    return number.lower() if text[-1].islower() else number
