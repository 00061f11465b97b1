"""The notation of slots in the texts that a language model reads and writes: ``{patient.full.upper}``.

A slot is a name of the language's slots.toml, as in templates, followed by the style of its value. The notation is
ASCII and short, because a character that is rare in a tokenizer's vocabulary costs a token for each of its bytes. The
set of slots is closed: no slot can hold a word of a note.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from spacy_deid.corpus.templates.template import Parts, Slot
from spacy_deid.labels import category_of
from spacy_deid.lang.tables import slots_of
from spacy_deid.surrogates.source import source_of

GAP = "gap"  # the slot of a value for which the language has no source; filled with nothing
STYLES = ("f", "m", "letter", "upper", "lower")  # gender of a sex; a single letter; all capitals; no capital first

_NAME = r"[a-z0-9_]{1,40}(?:\.[a-z0-9_]{1,40})*"
_BRACES = str.maketrans("{}", "()")
_TRIES = 20


@dataclass(frozen=True, slots=True)
class SlotText:
    """A text with slots, as `corpus.templates.fill` takes it.

    repaired: slots with a missing or unknown part; malformed: slots that could not be interpreted.
    """

    parts: Parts
    repaired: int
    malformed: int


@cache
def labelled_slots(lang: str) -> Mapping[str, str]:
    """Return the language's slots whose value is an identifier, ``stem`` or ``stem.form``, with their labels."""
    return MappingProxyType({slot: label for slot, label in slots_of(lang).items() if label})


def written(slot: str, *styles: str) -> str:
    """Return a slot as it is written in a text."""
    return f"{{{'.'.join((slot, *styles))}}}"


def escaped(text: str) -> str:
    """Return text with round brackets in place of the characters that mark a slot."""
    return text.translate(_BRACES)


def parse(text: str, lang: str) -> SlotText:
    """Return a written text with its slots.

    A slot is repaired if it has no closing bracket, an unknown style, other brackets or none, and so is a closing
    bracket alone. An unknown form is repaired if its label is beyond doubt: a stem of one label takes its usual form
    (``{date.ful}``), and a form of another stem is that stem's (``{patient.insurance}`` for ``{number.insurance}``).
    Any other slot is malformed, and so is a fragment of one: if its name continues after the readable part, as in
    ``{date-long}``, a repair would leave the rest as text.
    """
    parts: list[str | Slot] = []
    repaired = malformed = read = 0
    for match in _any_slot(lang).finditer(text):
        parts.append(text[read : match.start()])
        read = match.end()
        slot = _slot(match["name"] or match["open"] or match["bare"] or "", lang)
        if match[0] == "}":
            repaired += 1
        elif slot is None:
            malformed += 1
        else:
            parts.append(slot)
            repaired += written(*_names(slot)) != match[0]
    return SlotText((*parts, text[read:]), repaired, malformed)


@cache
def _any_slot(lang: str) -> re.Pattern[str]:
    """Return the pattern of a possible slot: anything in curly brackets, or a dotted name of the language without them.

    The groups "name" and "bare" are readable slots. Fragments of others match too: a stem with any form, and a stem
    alone in other brackets. E-mail addresses and parts of a longer dotted name do not match.
    """
    slots = [_split(slot) for slot in labelled_slots(lang)]
    names = "|".join(sorted(re.escape(f"{stem}.{form}") for stem, form in slots if form))
    stems = "|".join(sorted({stem.rstrip("0123456789") for stem, _ in slots} | {GAP}))
    styles = "|".join(STYLES)
    forms = "|".join(sorted({form for _, form in slots if form} | set(STYLES)))
    closed = rf"(?P<name>{_NAME})\.?\}}"
    unclosed = rf"(?P<open>{_NAME})(?=[.,;]?(?:\s|\Z))(?!\s*(?i:{forms})\b)(?![^{{}}\n]*\}})"
    slot = rf"\{{(?:{closed}|{unclosed}|[^{{}}\n]*\}}?)"
    bare = rf"[<\[(]?(?<![\w.@])(?P<bare>(?:{names})(?:\.(?:{styles}))*)(?!\.?\w|@)[>\])}}]?"
    # an upper-case letter after a full stop may begin a sentence: "Patient.Hon" is Swedish
    of_stem = rf"(?i:{stems})\d*(?:\.(?:[a-z]|(?i:{forms})\b)|_[A-Za-z])[\w.]*(?![\w.-]*@)"
    left = rf"(?<![\w.@/])(?:{of_stem}|(?i:{stems})\d*\}})|[<\[]\s*(?i:{stems})\d*\s*[>\]]"
    return re.compile(rf"{slot}|{bare}|{left}|\}}")


def _slot(name: str, lang: str) -> Slot | None:
    stem, *names = name.split(".")
    styles = [style for style in names if style in STYLES]
    if stem == GAP:
        return Slot(GAP, None, "OTHER")
    stem, form = _known([stem, *(other for other in names if other not in STYLES)], lang) or ("", "")
    if not stem:
        return None
    return Slot(stem, ".".join([form, *styles]) or None, labelled_slots(lang)[f"{stem}.{form}" if form else stem])


def _known(names: list[str], lang: str) -> tuple[str, str] | None:
    """Return stem and form ("" for none) of the intended slot; None unless its label is beyond doubt."""
    slots = labelled_slots(lang)
    stem, form = names[0], names[1] if len(names) > 1 else ""
    if f"{stem}.{form}" in slots or (stem in slots and not form):
        return stem, form
    if len({label for slot, label in slots.items() if slot.partition(".")[0] == stem}) == 1:
        return stem, ""
    for form in names:
        with_form = [slot for slot in slots if slot.endswith(f".{form}")]
        if len({slots[slot] for slot in with_form}) == 1:
            return _split(with_form[0])
    return None


def _split(slot: str) -> tuple[str, str]:
    stem, _, form = slot.partition(".")
    return stem, form


def _names(slot: Slot) -> tuple[str, ...]:
    return (slot.stem, *[name for name in (slot.form or "").split(".") if name])


def styles_of(value: str, label: str, lang: str) -> tuple[str, ...]:
    """Return which of `notation.STYLES` a value has."""
    gender = _gender(value, lang) if category_of(label) == "SEX" else ""
    return tuple(filter(None, (gender, _case(value, label))))


def in_styles(draw: Callable[[], str], styles: tuple[str, ...], label: str) -> str:
    """Return a value from ``draw`` in the given ``styles``: drawn again, and put in their case if necessary."""
    case = next((style for style in styles if style in ("letter", "upper", "lower")), "")
    value = draw()
    for _ in range(_TRIES):
        if _case(value, label) == case:
            return value
        value = draw()
    if case == "upper":
        return value.upper()
    return value[:1].lower() + value[1:] if case == "lower" else value


def _case(value: str, label: str) -> str:
    if len(value) == 1:
        return "letter" if category_of(label) == "SEX" else ""
    letters = [letter for letter in value if letter.isalpha()]
    if category_of(label) not in ("NAME", "SEX", "LOCATION", "CARE_UNIT", "ORGANIZATION") or len(letters) < 4:
        return ""
    if all(map(str.isupper, letters)):
        return "upper"
    return "lower" if value[0].islower() else ""


def _gender(value: str, lang: str) -> str:
    return next((gender for gender in "fm" if value.casefold() in _sexes(lang)[gender]), "")


@cache
def _sexes(lang: str) -> dict[str, frozenset[str]]:
    draw = source_of(lang).grammar.plain
    return {
        gender: frozenset(text.casefold() for age in ("adult", "child") for text in draw(f"sex_{age}_{gender}"))
        for gender in "fm"
    }
