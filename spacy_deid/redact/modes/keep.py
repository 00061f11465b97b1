"""Keep: the value stays in the text."""

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from spacy_deid.surrogates.identifier import Identifier, Scope


@dataclass(frozen=True, slots=True)
class Keep:
    """Every value as it is."""

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return the values themselves."""
        return [identifier.text for identifier in identifiers]
