"""British and American numbers of persons and telephones: made, and replaced by numbers that nobody has.

NHS numbers from 999 on are for tests (NHS Data Dictionary). The Social Security Administration gives out no number that
begins with 666. National Insurance numbers never begin with QQ (HMRC, NIM39110). Ofcom reserves telephone numbers for
drama, the North American Numbering Plan 555-0100 to 555-0199.
"""

import re
from random import Random

from stdnum.gb import nhs

from spacy_deid.lang.identity import Person, in_form

GIVEN = ("nhs",)

_NHS_FORM = re.compile(r"\d{3}([ -]?)\d{3}\1\d{4}")
_SSN_FORM = re.compile(r"\d{3}([ -]?)\d\d\1\d{4}")
_NINO_FORM = re.compile(r"[A-Za-z]{2}(?:[ ]?\d\d){3}[ ]?[A-Da-d]")
# Ofcom, "Telephone numbers for use in TV and radio drama programmes": the last three digits are free
_OF_CITIES = {
    **{f"01{city}": f"01{city}4960" for city in ("13", "14", "15", "16", "17", "18", "21", "31", "41", "51", "61")},
    "0191": "01914980",
    "020": "02079460",
    "028": "02896496",
    "029": "02920180",
    "03": "03069990",
    "07": "07700900",
    "08": "08081570",
    "09": "09098790",
}
_OF_NO_CITY = "01632960"
_FREE = 3
_BRITISH_PREFIX = re.compile(r"(?:\+|00)44(?:[ ]?\(0\))?[ ]?")
_AMERICAN_DIGITS = 10
_LOCAL_DIGITS = 7  # an American number without its area code


def made(person: Person, rng: Random) -> dict[str, str]:
    """Return an NHS number of the range for tests."""
    return {"rule": "identity", "nhs": _test_number(rng)}


def replaced(text: str, days: int, rng: Random) -> str | None:
    """Return a number of a range that nobody has, in the form of the given one; None where the text is of no such form.

    None of these numbers but the Scottish CHI says when its holder was born, so that ``days`` does not count.
    """
    if _NHS_FORM.fullmatch(text):
        return in_form(_test_number(rng), text)
    if _SSN_FORM.fullmatch(text):
        return in_form(f"666{rng.randint(1, 99):02}{rng.randint(1, 9999):04}", text)
    if _NINO_FORM.fullmatch(text):
        opening = "QQ" if text[:2].isupper() else "qq"
        return opening + in_form(f"{rng.randrange(10**6):06}", text[2:])
    return None


def phone(text: str, rng: Random) -> str:
    """Return a number of Ofcom's drama ranges or of 555-01xx; of any other country, with others behind the first."""
    british = _BRITISH_PREFIX.match(text)
    digits = re.sub(r"\D", "", text)
    if british:
        opening = british[0]
        return opening + in_form(_drama("0" + re.sub(r"\D", "", text[len(opening) :]), rng)[1:], text[len(opening) :])
    if text.lstrip("( ").startswith("0") and not digits.startswith("00"):
        return in_form(_drama(digits, rng), text)
    if (
        len(digits) == 7
        or (len(digits) >= _AMERICAN_DIGITS and not text.startswith(("+", "0")))
        or text.startswith("+1")
    ):
        return in_form(_fictional(digits, rng), text)
    drawn = digits[:2] + "".join(str((int(digit) + rng.randint(1, 9)) % 10) for digit in digits[2:])
    return in_form(drawn, text)


def _drama(digits: str, rng: Random) -> str:
    """Return a number of as many digits, of the drama range of the same city or kind."""
    opening = next((range_ for prefix, range_ in _OF_CITIES.items() if digits.startswith(prefix)), _OF_NO_CITY)
    return (opening + f"{rng.randrange(10**_FREE):0{_FREE}}").ljust(len(digits), "0")[: len(digits)]


def _fictional(digits: str, rng: Random) -> str:
    """Return an American number that ends in 555-01xx, with another area code and another extension."""
    ahead = "1" if digits.startswith("1") and len(digits) > _AMERICAN_DIGITS else ""
    rest = digits[len(ahead) :]
    area = f"{rng.randint(2, 9)}{rng.randrange(10)}{rng.randrange(10)}" if len(rest) >= _AMERICAN_DIGITS else ""
    number = f"{ahead}{area}55501{rng.randrange(100):02}"
    return number + "".join(str(rng.randrange(10)) for _ in digits[len(number) :])


def _test_number(rng: Random) -> str:
    """Return an NHS number of 999 with its check digit; about one in eleven has none and is drawn again."""
    while True:
        start = f"999{rng.randrange(10**6):06}"
        valid = [start + digit for digit in "0123456789" if nhs.is_valid(start + digit)]
        if valid:
            return valid[0]
