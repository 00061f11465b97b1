"""Mask: the category in the place of the value."""

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from spacy_deid.surrogates.identifier import Identifier, Scope


@dataclass(frozen=True, slots=True)
class Mask:
    """``[NAME]`` for every name, and so on."""

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return the categories in brackets."""
        return [identifier.masked for identifier in identifiers]
