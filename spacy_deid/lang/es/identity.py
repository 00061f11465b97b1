"""Spanish numbers of persons (DNI, NIE, social security, health cards) and telephones, checked, made and replaced.

Numbers of Latin America, organisations and banks are only checked.
"""

import re
from random import Random

from stdnum import luhn
from stdnum.ar import cuit
from stdnum.cl import rut
from stdnum.do import cedula
from stdnum.ec import ci
from stdnum.es import ccc, cif, dni, nie, nif
from stdnum.mx import rfc

from spacy_deid.lang.identity import Person, in_form, other_phone
from spacy_deid.lang.places import Town

# the parts that `made`, `licence` and `registered` return
GIVEN = ("number", "thousands", "letter", "nie", "province", "serial", "control", "four_letters", "sex_digit", "yymmdd")

_DNI = 9  # digits and the letter; a first zero may be left out
_NIE_SHARE = 0.15
_DNI_FORM = re.compile(r"(?:\d{7,8}|\d{1,2}\.\d{3}\.\d{3})[ -]{0,3}[A-Za-z]")
_NIE_FORM = re.compile(r"[XYZxyz][ -]{0,2}\d{7,8}[ -]{0,2}[A-Za-z]")
_ABROAD = re.compile(r"\(?(?:\+|00)34\)?[ -]?|34(?=\d{9}$)")


def is_dni(text: str) -> bool:
    """Whether the letter of a Documento Nacional de Identidad fits its digits (mod 23)."""
    return dni.is_valid(_plain(text).zfill(_DNI))


def is_nie(text: str) -> bool:
    """Whether the letter of a Número de Identidad de Extranjero fits its digits (mod 23)."""
    return nie.is_valid(_plain(text))


def is_nif(text: str) -> bool:
    """Whether the letter of a tax number fits, K, L and M among those it may begin with."""
    return nif.is_valid(_plain(text))


def is_cif(text: str) -> bool:
    """Whether the check character of an organisation's tax number fits."""
    return cif.is_valid(_plain(text))


def is_rfc(text: str) -> bool:
    """Whether a Mexican Registro Federal de Contribuyentes has a date; many in use have a wrong check digit."""
    return rfc.is_valid(_plain(text))


def is_rut(text: str) -> bool:
    """Whether the check character of a Chilean Rol Único Tributario fits (mod 11)."""
    return rut.is_valid(_plain(text))


def is_cuit(text: str) -> bool:
    """Whether the check digit of an Argentine CUIT or CUIL fits (mod 11)."""
    return cuit.is_valid(_plain(text))


def is_cedula(text: str) -> bool:
    """Whether the check digit of a Dominican cédula fits (Luhn)."""
    return cedula.is_valid(_plain(text))


def is_cedula_of_ecuador(text: str) -> bool:
    """Whether the check digit of an Ecuadorian cédula fits its province and serial (mod 10)."""
    return ci.is_valid(_plain(text))


def is_bank_account(text: str) -> bool:
    """Whether the two check digits of a Código Cuenta Cliente fit."""
    return ccc.is_valid(_plain(text))


def is_luhn(text: str) -> bool:
    """Whether the check digit of a payment card fits (ISO/IEC 7812)."""
    return luhn.is_valid(_plain(text))


def is_cip(text: str) -> bool:
    """Whether four letters are followed by a date of birth (yymmdd, a woman's day often 40 higher) within the digits.

    Catalan health cards have a digit for the sex before it.
    """
    digits = _plain(text)[4:]
    return any(_is_birth(digits[start : start + 6]) for start in (0, 1))


def is_nass(text: str) -> bool:
    """Whether the last two digits of a social security number are those that its province and serial give."""
    digits = _plain(text)
    if not (digits.isascii() and digits.isdigit() and len(digits) in (11, 12)):
        return False
    province, serial, control = int(digits[:2]), int(digits[2:-2]), int(digits[-2:])
    return 0 < province <= 66 and _control(province, serial) == control


def _control(province: int, serial: int) -> int:
    """Return the control of a social security number: the remainder by 97 of province and serial read as one number.

    A serial below ten million counts as if it had seven digits, any other as if it had eight.
    """
    return (province * (10**7 if serial < 10**7 else 10**8) + serial) % 97


def made(person: Person, rng: Random) -> dict[str, str]:
    """Return the parts of a DNI (eight digits and their letter) or of a foreigner's NIE (X, Y or Z first)."""
    if rng.random() < _NIE_SHARE:
        first, number = int(rng.random() * 3), f"{int(rng.random() * 10**7):07}"
        letter = dni.calc_check_digit(f"{first}{number}")
        return {"rule": "identity_nie", "nie": "XYZ"[first], "number": number, "letter": letter}
    number = f"{int(10**6 + rng.random() * 98 * 10**6):08}"
    thousands = f"{number[:2]}.{number[2:5]}.{number[5:]}"
    return {"rule": "identity", "number": number, "thousands": thousands, "letter": dni.calc_check_digit(number)}


def licence(town: Town, rng: Random) -> dict[str, str]:
    """Return the province (two digits, as in postcodes) that a colegiado's number begins with."""
    return {"province": town.postal[:2]}


def registered(person: Person, rng: Random) -> dict[str, str]:
    """Return the parts of a social security number and of a regional health card of the person."""
    province, serial = f"{1 + int(rng.random() * 52):02}", f"{int(10**7 + rng.random() * 9 * 10**7):08}"
    birth = person.birth
    return {
        "province": province,
        "serial": serial,
        "control": f"{_control(int(province), int(serial)):02}",
        "four_letters": (_letters(person.family) + _letters(person.last.split()[-1]))[:4],
        "sex_digit": "1" if person.gender == "f" else "0",
        "yymmdd": f"{birth.year % 100:02}{birth.month:02}{birth.day:02}",
    }


def _letters(name: str) -> str:
    """Return the first two letters without accents, as on health cards."""
    return "".join(character for character in name.upper() if "A" <= character <= "Z")[:2].ljust(2, "X")


def replaced(text: str, days: int, rng: Random) -> str | None:
    """Return a DNI or NIE of the highest numbers, with the right letter.

    Args:
        text: a DNI or NIE, with or without dots and hyphens.
        days: has no effect, since neither number holds a date of birth.
        rng: draws the number.

    Returns:
        The number in the form of ``text``; None if that is neither.
    """
    is_of_spaniard, is_of_foreigner = _DNI_FORM.fullmatch(text), _NIE_FORM.fullmatch(text)
    if not (is_of_spaniard or is_of_foreigner):
        return None
    width = sum(character.isdigit() for character in text)
    number = f"{10**width - 1 - rng.randrange(10**6 - 1):0{width}}"
    if is_of_spaniard:
        return _with_case(in_form(number, text[:-1]) + dni.calc_check_digit(number.zfill(8)), text)
    return _with_case("Z" + in_form(number, text[1:-1]) + dni.calc_check_digit(f"2{number[-7:]}"), text)


def phone(text: str, rng: Random) -> str:
    """Return a number with the same beginning and other digits after it; Spain reserves none for fiction."""
    abroad = _ABROAD.match(text)
    opening = abroad[0] if abroad else ""
    return opening + other_phone(text[len(opening) :], rng)


def _with_case(number: str, text: str) -> str:
    return number.lower() if text[-1].islower() else number


def _is_birth(digits: str) -> bool:
    month, day = int(digits[2:4]), int(digits[4:6])
    return 1 <= month <= 12 and 1 <= day - (40 if day > 40 else 0) <= 31


def _plain(text: str) -> str:
    """Return the letters and digits alone."""
    return "".join(filter(str.isalnum, text)).upper()
