"""Swedish numbers with a check digit, as parts for the rules of forms.toml."""

from random import Random

from stdnum import luhn

from spacy_deid.lang.person import Person
from spacy_deid.lang.places import Town

GIVEN = ("cc", "yymmdd", "tail", "org", "lid", "county")

# Birth numbers of most of the Tax Agency's published test numbers. Others are drawn as well, or a model would
# learn these; they may by chance be somebody's.
_TEST_BIRTH_NUMBERS = (238, 239, *range(980, 1000))
_TEST_SHARE = 0.6
_COORDINATION_SHARE = 0.05


def identity(person: Person, rng: Random) -> dict[str, str]:
    """Return the parts of a personnummer (or samordningsnummer, day + 60) of the person's birth and gender."""
    parts = _birth_parts(person, 60 if rng.random() < _COORDINATION_SHARE else 0)
    serial = f"{_birth_number(person.gender, rng):03}"
    parts["tail"] = serial + luhn.calc_check_digit(parts["yymmdd"] + serial)
    parts["rule"] = "identity_past_100" if person.years >= 100 else "identity"
    return parts


def licence(town: Town, rng: Random) -> dict[str, str]:
    """Return the organisation number of an HSA-id: ten digits with a check digit."""
    number = f"2321{int(rng.random() * 100000):05}"
    return {"org": number + luhn.calc_check_digit(number)}


def registered(person: Person, rng: Random) -> dict[str, str]:
    """Return the parts of birth that reserve numbers are made of, and a ten-digit LID number with a check digit."""
    number = f"{int(rng.random() * 10**9):09}"
    return _birth_parts(person, 0) | {"lid": number + luhn.calc_check_digit(number)}


def _birth_parts(person: Person, added_to_day: int) -> dict[str, str]:
    birth = person.birth
    return {
        "cc": f"{birth.year // 100}",
        "yymmdd": f"{birth.year % 100:02}{birth.month:02}{birth.day + added_to_day:02}",
    }


def _birth_number(gender: str, rng: Random) -> int:
    if rng.random() < _TEST_SHARE:
        number = _TEST_BIRTH_NUMBERS[int(rng.random() * len(_TEST_BIRTH_NUMBERS))]
    else:
        number = 1 + int(rng.random() * 979)
    return number - (number % 2) + (gender == "m") if number > 1 else 2 + (gender == "m")
