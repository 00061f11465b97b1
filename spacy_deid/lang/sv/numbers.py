"""Swedish numbers with a check digit, as parts for the rules of forms.toml."""

from random import Random

from stdnum import luhn

from spacy_deid.lang.person import Person
from spacy_deid.lang.places import Town
from spacy_deid.lang.sv.identity import birth_parts
from spacy_deid.lang.sv.identity import made as identity

__all__ = ["GIVEN", "identity", "licence", "registered"]

GIVEN = ("cc", "yymmdd", "tail", "org", "lid", "county")


def licence(town: Town, rng: Random) -> dict[str, str]:
    """Return the organisation number of an HSA-id: ten digits with a check digit."""
    number = f"2321{int(rng.random() * 100000):05}"
    return {"org": number + luhn.calc_check_digit(number)}


def registered(person: Person, rng: Random) -> dict[str, str]:
    """Return the parts of birth that reserve numbers are made of, and a ten-digit LID number with a check digit."""
    number = f"{int(rng.random() * 10**9):09}"
    return birth_parts(person.birth) | {"lid": number + luhn.calc_check_digit(number)}
