"""Index: the people, places and other values of a document, numbered."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from spacy_deid.redact.persons import people_of
from spacy_deid.redact.replacer import Identifier, Scope

_OF_PEOPLE = ("NAME", "EMAIL")


@dataclass(frozen=True, slots=True)
class Index:
    """``[NAME_1]``, ``[NAME_2]``, in the order of the text: the same number for the same person or value.

    A person's e-mail address has the number of the person. The numbers are those of one document, whatever the scope.
    """

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return category and number in brackets; DeidError where the language has no names.toml."""
        people = iter(people_of([each.text for each in identifiers if each.category in _OF_PEOPLE], scope.lang))
        numbers: dict[str, dict[Hashable, int]] = defaultdict(dict)
        indexed = []
        for each in identifiers:
            kind, value = ("people", next(people)) if each.category in _OF_PEOPLE else (each.category, each.normal)
            number = numbers[kind].setdefault(value, len(numbers[kind]) + 1)
            indexed.append(f"[{each.category}_{number}]")
        return indexed
