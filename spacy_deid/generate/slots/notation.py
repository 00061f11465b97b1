"""How a slot is written in the texts that a language model learns and writes: ``{patient.full.upper}``.

A slot is one of the language's slots.toml, as templates have them, then how its value looked. The notation is ASCII and
short, since what is rare in a tokenizer's vocabulary costs a token a byte. The set of slots is closed: whatever stands
in a note, no slot can hold a word of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from spacy_deid.lang.surrogates import slots_of
from spacy_deid.lang.templates import Parts, Slot

GAP = "gap"  # the slot of what no source of the language has a value for; filled with nothing
LOOKS = ("f", "m", "letter", "upper", "lower")  # gender of a sex; a single letter; all capitals; no capital first

_SLOT = re.compile(r"\{(?P<name>[a-z0-9_]{1,40}(?:\.[a-z0-9_]{1,40})*)?\.?(?P<end>\}?)|\}")
_BRACES = str.maketrans("{}", "()")


@dataclass(frozen=True, slots=True)
class SlotText:
    """A text with slots, as `corpus.bootstrap.fill` takes it.

    repaired: slots that had something missing or unknown; malformed: those that nobody can tell what they are.
    """

    parts: Parts
    repaired: int
    malformed: int


@cache
def labelled_slots(lang: str) -> Mapping[str, str]:
    """Return the language's slots whose value is an identifier, ``stem`` or ``stem.form``, with their labels."""
    return MappingProxyType({slot: label for slot, label in slots_of(lang).items() if label})


def written(slot: str, *looks: str) -> str:
    """Return a slot as it stands in a text."""
    return f"{{{'.'.join((slot, *looks))}}}"


def escaped(text: str) -> str:
    """Return text without the characters that mark a slot: other brackets stand for them."""
    return text.translate(_BRACES)


def parse(text: str, lang: str) -> SlotText:
    """Return a written text with its slots.

    A slot without its closing bracket, with an unknown form (its stem's usual one is taken) or an unknown look (left
    out), and a closing bracket of its own are repaired.
    """
    parts: list[str | Slot] = []
    repaired = malformed = read = 0
    for match in _SLOT.finditer(text):
        parts.append(text[read : match.start()])
        read = match.end()
        slot = _slot(match["name"] or "", lang)
        if match[0] == "}":
            repaired += 1
        elif slot is None:
            malformed += 1
        else:
            parts.append(slot)
            repaired += not match["end"] or written(*_names(slot)) != match[0]
    return SlotText((*parts, text[read:]), repaired, malformed)


def _slot(name: str, lang: str) -> Slot | None:
    stem, *names = name.split(".")
    looks = [look for look in names if look in LOOKS]
    if stem == GAP:
        return Slot(GAP, None, "OTHER")
    slots = labelled_slots(lang)
    form = names[0] if names and f"{stem}.{names[0]}" in slots else None
    label = slots.get(stem if form is None else f"{stem}.{form}")
    if label is None:
        return None
    return Slot(stem, ".".join([form or "", *looks]) or None, label)


def _names(slot: Slot) -> tuple[str, ...]:
    return (slot.stem, *[name for name in (slot.form or "").split(".") if name])
