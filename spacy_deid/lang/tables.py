"""The tables of a language that templates refer to: slots.toml and words.toml."""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from spacy_deid.errors import DeidError
from spacy_deid.labels import known_labels
from spacy_deid.lang.pack import pack_of

# lists of words.toml; professions and relations are left out, since corpora may label them
CLINICAL_LISTS = ("drug", "diagnosis", "eponym", "procedure", "lab", "symptom", "device", "test", "anatomy")


@cache
def slots_of(lang: str) -> Mapping[str, str]:
    """Return every slot a template may use, ``stem`` or ``stem.form``, with its label ("" is unlabelled)."""
    slots: dict[str, str] = {}
    for entry in pack_of(lang).table("slots.toml")["slot"]:
        for stem in entry["stems"]:
            slots[stem] = entry["label"]
            for label, forms in entry.get("forms", {}).items():
                slots.update({f"{stem}.{form}": label for form in forms})
    unknown = sorted({*slots.values()} - known_labels() - {""})
    if unknown:
        raise DeidError(f"lang/{lang}/slots.toml: {unknown[0]!r} is not in labels.toml. Remedy: correct the label.")
    return MappingProxyType(slots)


@cache
def stems_before(lang: str) -> Mapping[str, re.Pattern[str]]:
    """Return the pattern of the text before a name, for each stem of people that a word announces ("Dr.")."""
    entries = [entry for entry in pack_of(lang).table("slots.toml")["slot"] if "before" in entry]
    return MappingProxyType(
        {stem: re.compile(entry["before"], re.IGNORECASE) for entry in entries for stem in entry["stems"]}
    )


@cache
def words_of(lang: str) -> Mapping[str, tuple[str, ...]]:
    """Return the lists of words without identifiers (drugs, diagnoses, eponyms ...) for ``{word.KEY}``."""
    table = pack_of(lang).table("words.toml") if pack_of(lang).has("words.toml") else {}
    return MappingProxyType({key: tuple(words) for key, words in table.items()})
