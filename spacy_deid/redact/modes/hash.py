"""Hash: a pseudonym that cannot be computed, nor tried out, without the key."""

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from spacy_deid.redact.replacer import Identifier, Scope

# of 100,000 different values, two share 40 bits with a probability of .5 %
_HEX_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Hash:
    """``[NAME_3f9a2c71e0]``: the same for the same value in a scope, save for case, separators and Unicode form.

    A truncated HMAC-SHA256; a name and its genitive are two values.
    """

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return category and digest in brackets."""
        return [f"[{each.category}_{self._digest(each, scope)}]" for each in identifiers]

    @staticmethod
    def _digest(identifier: Identifier, scope: Scope) -> str:
        return scope.digest("hash", identifier.category, identifier.normal).hex()[:_HEX_DIGITS]
