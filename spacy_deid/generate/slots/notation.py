"""How a slot is written in the texts that a language model learns and writes: ``{patient.full.upper}``.

A slot is one of the language's slots.toml, as templates have them, then how its value looked. The notation is ASCII and
short, since what is rare in a tokenizer's vocabulary costs a token a byte. The set of slots is closed: whatever stands
in a note, no slot can hold a word of it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from spacy_deid.corpus.templates.parse import Parts, Slot
from spacy_deid.labels import category_of
from spacy_deid.lang.tables import slots_of
from spacy_deid.surrogates.source import source_of

GAP = "gap"  # the slot of what no source of the language has a value for; filled with nothing
STYLES = ("f", "m", "letter", "upper", "lower")  # gender of a sex; a single letter; all capitals; no capital first

_NAME = r"[a-z0-9_]{1,40}(?:\.[a-z0-9_]{1,40})*"
_BRACES = str.maketrans("{}", "()")
_TRIES = 20


@dataclass(frozen=True, slots=True)
class SlotText:
    """A text with slots, as `corpus.templates.fill` takes it.

    repaired: slots that had something missing or unknown; malformed: those that nobody can tell what they are.
    """

    parts: Parts
    repaired: int
    malformed: int


@cache
def labelled_slots(lang: str) -> Mapping[str, str]:
    """Return the language's slots whose value is an identifier, ``stem`` or ``stem.form``, with their labels."""
    return MappingProxyType({slot: label for slot, label in slots_of(lang).items() if label})


def written(slot: str, *styles: str) -> str:
    """Return a slot as it stands in a text."""
    return f"{{{'.'.join((slot, *styles))}}}"


def escaped(text: str) -> str:
    """Return text without the characters that mark a slot: other brackets stand for them."""
    return text.translate(_BRACES)


def parse(text: str, lang: str) -> SlotText:
    """Return a written text with its slots.

    A slot without its closing bracket, with an unknown style, in other brackets or in none, and a closing bracket of its
    own are repaired. So is an unknown form where the label is beyond doubt: a stem of one label takes its usual form
    (``{date.ful}``), and a form of another stem is that stem's (``{patient.insurance}`` for ``{number.insurance}``).
    Any other slot is malformed, and so is what is left of one: where its name goes on after what can be read, as in
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
    """Return what may be a slot: anything in its brackets, or a dotted name that the language has, without them.

    "name" and "bare" are of those that can be read. What is left of others is matched too: a stem with any form, and a
    stem alone in other brackets. E-mail addresses and parts of a longer dotted name are none.
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
    """Return stem and form ("" for none) of the slot that is meant, as far as its label is beyond doubt."""
    slots = labelled_slots(lang)
    stem, form = names[0], names[1] if len(names) > 1 else ""
    if f"{stem}.{form}" in slots or (stem in slots and not form):
        return stem, form
    if len({label for slot, label in slots.items() if slot.partition(".")[0] == stem}) == 1:
        return stem, ""
    for form in names:
        alike = [slot for slot in slots if slot.endswith(f".{form}")]
        if len({slots[slot] for slot in alike}) == 1:
            return _split(alike[0])
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
    """Return a value that ``draw`` gives, written as ``styles`` say: drawn again, and put in their case if need be."""
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
