"""The modes of redaction: the table of them, and the protocol that each implements."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Protocol

from spacy.tokens import Doc

from spacy_deid.errors import DeidError
from spacy_deid.redact.modes.band import Band
from spacy_deid.redact.modes.generalise import Generalise
from spacy_deid.redact.modes.shift import Shift
from spacy_deid.redact.modes.simple import Hash, Index, Keep, Mask
from spacy_deid.redact.modes.surrogate import Surrogate
from spacy_deid.surrogates.identifier import Identifier, Scope


class Replacer(Protocol):
    """A mode: a frozen dataclass whose fields are its settings, each with a default.

    The settings come from a policy's table ``[settings.<mode>]``.
    """

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return a replacement for each of ``identifiers``, the entities of ``doc`` with this mode."""


MODES: Mapping[str, type[Replacer]] = {
    "keep": Keep,
    "mask": Mask,
    "index": Index,
    "hash": Hash,
    "surrogate": Surrogate,
    "shift": Shift,
    "band": Band,
    "generalise": Generalise,
}


def make_replacer(mode: str, settings: Mapping[str, Any], where: str) -> Replacer:
    """Make the replacer of a mode.

    Args:
        mode: A key of `MODES`.
        settings: The values of its fields.
        where: The beginning of an error message.

    Raises:
        DeidError: For an unknown setting or a wrong value.
    """
    replacer: Any = MODES[mode]
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
