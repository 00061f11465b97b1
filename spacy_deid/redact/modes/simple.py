"""The modes that look at nothing but the value: mask, keep and hash."""

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from spacy_deid.surrogates.identifier import Identifier, Scope

# of 100,000 different values, two share 40 bits with a probability of .5 %
_HEX_DIGITS = 10


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
        return next(part for part in parts if not part.isdecimal())  # else it might be read again as a number
