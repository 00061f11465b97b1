"""Spanish numbers with a check digit or letter, as parts for the rules of forms.toml."""

from random import Random

from stdnum.es import dni

from spacy_deid.lang.person import Person
from spacy_deid.lang.places import Town

GIVEN = ("number", "thousands", "letter", "nie", "province", "serial", "control", "four_letters", "sex_digit", "yymmdd")

_NIE_SHARE = 0.15


def identity(person: Person, rng: Random) -> dict[str, str]:
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
    """Return the parts of a social security number and of a regional health card of the person.

    The control of a social security number is the remainder by 97 of province and serial read as one number.
    """
    province, serial = f"{1 + int(rng.random() * 52):02}", f"{int(10**7 + rng.random() * 9 * 10**7):08}"
    birth = person.birth
    return {
        "province": province,
        "serial": serial,
        "control": f"{int(province + serial) % 97:02}",
        "four_letters": (_letters(person.family) + _letters(person.last.split()[-1]))[:4],
        "sex_digit": "1" if person.gender == "f" else "0",
        "yymmdd": f"{birth.year % 100:02}{birth.month:02}{birth.day:02}",
    }


def _letters(name: str) -> str:
    """Return the first two letters that are consonants or vowels without accents, as health cards have them."""
    return "".join(character for character in name.upper() if "A" <= character <= "Z")[:2].ljust(2, "X")
