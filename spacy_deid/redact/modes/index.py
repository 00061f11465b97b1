"""Index: the people, places and other values of a document, numbered."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from spacy_deid.lang.same_value import national
from spacy_deid.redact.value_forms import days_of
from spacy_deid.surrogates.coreference import people_of
from spacy_deid.surrogates.identifier import Identifier, Scope

_OF_PEOPLE = ("NAME", "EMAIL")
_NUMBERS = ("ID", "PHONE")
_LONG_NUMBER = 7  # digits: a shorter one has neither a century nor a country code


@dataclass(frozen=True, slots=True)
class Index:
    """``[NAME_1]``, ``[NAME_2]``, in the order of the text: the same number for the same person or value.

    A day with its year in four digits is the same in any form, and so is a number with or without its century, country
    code or separators. A person's e-mail address has the number of the person. The numbers are those of one document,
    whatever the scope.
    """

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return category and number in brackets."""
        people = iter(people_of([each.text for each in identifiers if each.category in _OF_PEOPLE], scope.lang))
        numbers: dict[str, dict[Hashable, int]] = defaultdict(dict)
        indexed = []
        for each in identifiers:
            kind, value = (
                ("people", next(people)) if each.category in _OF_PEOPLE else (each.category, _value(each, scope.lang))
            )
            number = numbers[kind].setdefault(value, len(numbers[kind]) + 1)
            indexed.append(f"[{each.category}_{number}]")
        return indexed


def _value(identifier: Identifier, lang: str) -> Hashable:
    """Return what two mentions of the same day or number have in common, else the text as it is compared."""
    if identifier.category == "DATE":
        days = days_of(identifier.text, lang)
        if len(days) == 1:
            return days[0]
    normal = identifier.normal
    if identifier.category in _NUMBERS and normal.isdecimal() and len(normal) >= _LONG_NUMBER:
        return national(identifier.text)
    return normal
