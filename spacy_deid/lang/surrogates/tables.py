"""The tables of a language that templates refer to: slots.toml and words.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from spacy_deid.errors import DeidError
from spacy_deid.labels import known_labels

# lists of words.toml; professions and relations are none, since corpora may label them
CLINICAL_LISTS = ("drug", "diagnosis", "eponym", "procedure", "lab", "symptom", "device", "test", "anatomy")


@cache
def read_table(lang: str, name: str) -> dict[str, Any]:
    """Return the TOML file ``name`` of the language folder ``lang``; DeidError where there is none."""
    file = files("spacy_deid.lang").joinpath(lang, name)
    if not file.is_file():
        raise DeidError(f"The language {lang!r} has no {name}. Remedy: use sv or es, or add lang/{lang}/{name}.")
    return tomllib.loads(file.read_text("utf8"))


def read_lines(lang: str, name: str, *, marked: bool = False) -> list[str]:
    """Return the entries of a list of a language, one a line; with ``marked`` with the "?" that some begin with."""
    lines = (line.strip() for line in _lines_file(lang, name).read_text("utf8").splitlines())
    return [line if marked else line.removeprefix("?") for line in lines if line and not line.startswith("#")]


def has_lines(lang: str, name: str) -> bool:
    """Return whether `read_lines` finds the file ``name``."""
    return _lines_file(lang, name).is_file()


def _lines_file(lang: str, name: str) -> Traversable:
    """Return the file in the folder ``lists`` of a language, or beside it where there is none."""
    folder = files("spacy_deid.lang").joinpath(lang)
    listed = folder.joinpath("lists", name)
    return listed if listed.is_file() else folder.joinpath(name)


@cache
def slots_of(lang: str) -> Mapping[str, str]:
    """Return every slot a template may use, ``stem`` or ``stem.form``, with its label ("" is unlabelled)."""
    slots: dict[str, str] = {}
    for entry in read_table(lang, "slots.toml")["slot"]:
        for stem in entry["stems"]:
            slots[stem] = entry["label"]
            for label, forms in entry.get("forms", {}).items():
                slots.update({f"{stem}.{form}": label for form in forms})
    unknown = sorted({*slots.values()} - known_labels() - {""})
    if unknown:
        raise DeidError(f"lang/{lang}/slots.toml: {unknown[0]!r} is not in labels.toml. Remedy: correct the label.")
    return MappingProxyType(slots)


@cache
def words_of(lang: str) -> Mapping[str, tuple[str, ...]]:
    """Return the lists of words without identifiers (drugs, diagnoses, eponyms ...) for ``{word.KEY}``."""
    return MappingProxyType({key: tuple(words) for key, words in read_table(lang, "words.toml").items()})
