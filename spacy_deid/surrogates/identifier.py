"""The identifiers of a document, and the scope in which each keeps its replacement."""

import hashlib
import hmac
import json
import unicodedata
from dataclasses import dataclass, field
from random import Random

from spacy.tokens import Doc

from spacy_deid.labels import category_of

HIGHEST_AGE = 89  # a higher one identifies its holder (HIPAA's Safe Harbor, 45 CFR 164.514(b)(2)(i)(C))
_WRITTEN_WITH_ANY_SEPARATORS = ("ID", "PHONE")


@dataclass(frozen=True, slots=True)
class Identifier:
    """An entity to redact: characters ``start`` to ``end`` (exclusive) of the Doc's text, which are ``text``."""

    start: int
    end: int
    text: str
    label: str
    category: str

    @property
    def normal(self) -> str:
        """The value without the differences between mentions: case, separators, Unicode form."""
        folded = unicodedata.normalize("NFKC", self.text).casefold()
        words = "".join(letter if letter.isalnum() else " " for letter in folded).split()
        return ("" if self.category in _WRITTEN_WITH_ANY_SEPARATORS else " ").join(words) or self.text

    @property
    def masked(self) -> str:
        """The category in brackets, for a value that a mode cannot replace in another way."""
        return f"[{self.category}]"


def identifiers_of(doc: Doc) -> list[Identifier]:
    """Return the entities of a Doc, in the order of the text."""
    return [Identifier(ent.start_char, ent.end_char, ent.text, ent.label_, category_of(ent.label_)) for ent in doc.ents]


@dataclass(frozen=True, slots=True)
class Scope:
    """The document, patient or project within which a value always gets the same replacement.

    key: secret bytes. id: of the document, patient or project. lang: code of the language pack, such as "sv".
    """

    key: bytes = field(repr=False)
    id: str
    lang: str

    def digest(self, *parts: str) -> bytes:
        """Return 32 bytes that only the holder of the key can compute from ``parts`` (HMAC-SHA256)."""
        return hmac.digest(self.key, json.dumps([self.id, *parts]).encode("ascii"), hashlib.sha256)

    def random(self, *parts: str) -> Random:
        """Return a generator that is always the same for the same key, scope and ``parts``."""
        return Random(self.digest(*parts))  # noqa: S311  seeded by an HMAC
