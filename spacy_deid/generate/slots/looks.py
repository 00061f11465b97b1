"""What a slot keeps of how its value was written, and a value written so again."""

from collections.abc import Callable
from functools import cache

from spacy_deid.labels import category_of
from spacy_deid.surrogates.source import source_of

_TRIES = 20


def looks_of(value: str, label: str, lang: str) -> tuple[str, ...]:
    """Return which of `notation.LOOKS` a value has."""
    gender = _gender(value, lang) if category_of(label) == "SEX" else ""
    return tuple(filter(None, (gender, _case(value, label))))


def with_looks(draw: Callable[[], str], looks: tuple[str, ...], label: str) -> str:
    """Return a value that ``draw`` gives, written as ``looks`` say: drawn again, and put in their case if need be."""
    case = next((look for look in looks if look in ("letter", "upper", "lower")), "")
    value = draw()
    for _ in range(_TRIES):
        if _case(value, label) == case:
            return value
        value = draw()
    if case == "upper":
        return value.upper()
    return value[:1].lower() + value[1:] if case == "lower" else value


def _case(value: str, label: str) -> str:
    if len(value) == 1:
        return "letter" if category_of(label) == "SEX" else ""
    letters = [letter for letter in value if letter.isalpha()]
    if category_of(label) not in ("NAME", "SEX", "LOCATION", "CARE_UNIT", "ORGANIZATION") or len(letters) < 4:
        return ""
    if all(map(str.isupper, letters)):
        return "upper"
    return "lower" if value[0].islower() else ""


def _gender(value: str, lang: str) -> str:
    return next((gender for gender in "fm" if value.casefold() in _sexes(lang)[gender]), "")


@cache
def _sexes(lang: str) -> dict[str, frozenset[str]]:
    draw = source_of(lang).grammar.plain
    return {
        gender: frozenset(text.casefold() for age in ("adult", "child") for text in draw(f"sex_{age}_{gender}"))
        for gender in "fm"
    }
