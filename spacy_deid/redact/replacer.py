"""What a mode of redaction is given, and what it gives back."""

import hashlib
import hmac
import importlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from random import Random
from typing import Any, Protocol

from spacy.tokens import Doc

from spacy_deid.errors import DeidError
from spacy_deid.labels import category_of

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
        """The value without what differs from one mention to the next: case, separators, Unicode form."""
        folded = unicodedata.normalize("NFKC", self.text).casefold()
        words = "".join(letter if letter.isalnum() else " " for letter in folded).split()
        return ("" if self.category in _WRITTEN_WITH_ANY_SEPARATORS else " ").join(words) or self.text

    @property
    def masked(self) -> str:
        """The category in brackets: what stands for a value with which a mode can do nothing better."""
        return f"[{self.category}]"


def identifiers_of(doc: Doc) -> list[Identifier]:
    """Return the entities of a Doc, in the order of the text."""
    return [Identifier(ent.start_char, ent.end_char, ent.text, ent.label_, category_of(ent.label_)) for ent in doc.ents]


@dataclass(frozen=True, slots=True)
class Scope:
    """The document, patient or project within which a value always gets the same replacement.

    key: secret bytes. id: of the document, patient or project. lang: code of the language folder, such as "sv".
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


class Replacer(Protocol):
    """A mode: ``modes/<name>.py`` holds it as a frozen dataclass ``Name`` whose fields are its settings.

    The settings come from a policy's table ``[settings.<name>]``; every field has a default.
    """

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return a replacement for each of ``identifiers``, those entities of ``doc`` which the mode is to replace."""


def make_replacer(mode: str, settings: Mapping[str, Any], where: str) -> Replacer:
    """Make the replacer of ``mode``; DeidError, which begins with ``where``, for a setting that it does not have."""
    replacer: Any = getattr(importlib.import_module(f"spacy_deid.redact.modes.{mode}"), mode.capitalize())
    allowed = [setting.name for setting in fields(replacer)]
    unknown = sorted(set(settings) - set(allowed))
    if unknown:
        remedy = f"use {', '.join(allowed)}" if allowed else "remove it"
        raise DeidError(f"{where}: the mode {mode} has no setting {unknown[0]!r}. Remedy: {remedy}.")
    try:
        made: Replacer = replacer(**settings)
    except DeidError as error:
        raise DeidError(f"{where}: the mode {mode}: {error}") from None
    return made
