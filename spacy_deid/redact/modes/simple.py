"""The modes that write a placeholder, such as "[NAME]" or "[NAME_1]", and the mode that keeps a value."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from spacy_deid.lang.same_value import national
from spacy_deid.redact.value_forms import days_of
from spacy_deid.surrogates.context import OF_PEOPLE
from spacy_deid.surrogates.coreference import people_of
from spacy_deid.surrogates.identifier import Identifier, Scope

# of 100,000 different values, two share 40 bits with a probability of .5 %
_HEX_DIGITS = 10
_NUMBERS = ("ID", "PHONE")
_LONG_NUMBER = 7  # digits: a shorter one has neither a century nor a country code


@dataclass(frozen=True, slots=True)
class Mask:
    """``[NAME]`` for every name, and so on."""

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return the categories in brackets."""
        return [identifier.masked for identifier in identifiers]


@dataclass(frozen=True, slots=True)
class Keep:
    """Every value as it is."""

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return the values themselves."""
        return [identifier.text for identifier in identifiers]


@dataclass(frozen=True, slots=True)
class Hash:
    """``[NAME_3f9a2c71e0]``: a pseudonym that cannot be computed, nor found by trying values, without the key.

    It is the same for the same value in a scope, whatever its case, separators and Unicode form. Ten digits of an
    HMAC-SHA256, one of them a letter; a name and its genitive are two values.
    """

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return category and digest in brackets."""
        return [f"[{each.category}_{self._digest(each, scope)}]" for each in identifiers]

    @staticmethod
    def _digest(identifier: Identifier, scope: Scope) -> str:
        digits = scope.digest("hash", identifier.category, identifier.normal).hex()
        parts = (digits[start : start + _HEX_DIGITS] for start in range(len(digits) - _HEX_DIGITS + 1))
        return next(part for part in parts if not part.isdecimal())  # otherwise it might be taken for a number


@dataclass(frozen=True, slots=True)
class Index:
    """``[NAME_1]``, ``[NAME_2]``, in the order of the text: the same number for the same person or value.

    A day with its year in four digits is the same in any form, and so is a number with or without its century, country
    code or separators. A person's e-mail address has the number of the person. Numbers apply to one document, whatever
    the scope.
    """

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return category and number in brackets."""
        people = iter(people_of([each.text for each in identifiers if each.category in OF_PEOPLE], scope.lang))
        numbers: dict[str, dict[Hashable, int]] = defaultdict(dict)
        indexed = []
        for each in identifiers:
            kind, value = (
                ("people", next(people)) if each.category in OF_PEOPLE else (each.category, _value(each, scope.lang))
            )
            number = numbers[kind].setdefault(value, len(numbers[kind]) + 1)
            indexed.append(f"[{each.category}_{number}]")
        return indexed


def _value(identifier: Identifier, lang: str) -> Hashable:
    """Return the common value of all mentions of a day or number, else `Identifier.normal`."""
    if identifier.category == "DATE":
        days = days_of(identifier.text, lang)
        if len(days) == 1:
            return days[0]
    normal = identifier.normal
    if identifier.category in _NUMBERS and normal.isdecimal() and len(normal) >= _LONG_NUMBER:
        return national(identifier.text)
    return normal
