"""Band: an age as one of a range of ages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc

from spacy_deid.errors import DeidError
from spacy_deid.lang.pack import pack_of
from spacy_deid.surrogates.identifier import HIGHEST_AGE, Identifier, Scope

_AGE = re.compile(r"(?P<whole>\d+)(?:[.,]\d+|½| ?1/2)?|(?P<word>[^\W\d_]+)|[\s.,()–-]")


@dataclass(frozen=True, slots=True)
class Band:
    """``[70-79]-årig`` for "78-årig", ``[90+] år`` for "93 år": each number becomes its band, its words stay.

    An age in words, or with words that are not in the pack's list age_words, is masked, and so is any other category.

    width: the numbers in a band, at least 1; with 1, ages up to 89 stay.
    """

    width: int = 10

    def __post_init__(self) -> None:
        if type(self.width) is not int or self.width < 1:
            raise DeidError(f"width = {self.width!r} is not a whole number above 0. Remedy: set one, such as 10.")

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return the ages in bands."""
        words = _age_words(scope.lang)
        return [(each.category == "AGE" and self._banded(each.text, words)) or each.masked for each in identifiers]

    def _banded(self, text: str, words: frozenset[str]) -> str:
        pieces: list[str] = []
        numbers = units = read = 0
        for part in _AGE.finditer(text):
            if part.start() != read or (part["word"] and part["word"].casefold() not in words):
                return ""
            read = part.end()
            numbers += part["whole"] is not None
            units += part["word"] is not None
            pieces.append(self._band(int(part["whole"])) if part["whole"] else part[0])
        # many numbers, or two without a word, are a misclassified date or number
        return "".join(pieces) if numbers in (1, 2) and numbers <= units + 1 and read == len(text) else ""

    def _band(self, age: int) -> str:
        if age > HIGHEST_AGE:
            return f"[{HIGHEST_AGE + 1}+]"
        low = age - age % self.width
        high = min(low + self.width - 1, HIGHEST_AGE)
        return f"[{low}-{high}]" if self.width > 1 else str(age)


@cache
def _age_words(lang: str) -> frozenset[str]:
    return frozenset(pack_of(lang).list("age_words").entries)
