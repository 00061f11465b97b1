"""Rules that find identifiers by their form: patterns from rules/*.toml, checked by code where they can be.

A language is a folder ``lang/<code>`` with ``rules/*.toml``, a file for each category, and for the checks
``checks.py``::

    [[rule]]
    id = "case_number"           # unique in the language; spans keep it as their source, "rule:case_number"
    label = "ID"                 # a label of labels.toml
    pattern = '''...'''          # verbose regular expression; a group "value" is the span, else the whole match
    check = "is_luhn"            # optional: a function of checks.py, str -> bool, on the span's text
    context = '''...'''          # optional: a verbose regular expression that must occur close before the span ...
    within = 40                  # ... in this many characters (and not across a blank line)
    score = 0.9                  # how sure, 0 to 1; 1.0 is kept for check digits
    finds = ["nr <ID>7-12</ID>"] # examples: in the text without its markup, the rule finds exactly the marked spans
    leaves = ["nr 7"]            # ... and in these texts nothing

    [[guard]]                    # what looks like an identifier and is none: "NRS 7/10", "Parkinsons sjukdom"
    id = "scale"
    pattern = '''...'''
    finds = ["<GUARD>NRS 7/10</GUARD>"]

Patterns ignore case unless they say ``(?-i:...)``.
"""

import importlib
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from spacy_deid.errors import DeidError
from spacy_deid.labels import known_labels

_FLAGS = re.VERBOSE | re.IGNORECASE


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule found: characters ``start`` to ``end`` (exclusive), and the rule's id, label and score."""

    start: int
    end: int
    label: str
    rule: str
    score: float


@dataclass(frozen=True, slots=True)
class Recognizer:
    """One form of one kind of identifier; ``label`` is "" for a guard."""

    id: str
    label: str
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None = None
    context: re.Pattern[str] | None = None
    within: int = 40
    score: float = 0.5
    finds: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()

    def find(self, text: str) -> Iterator[Match]:
        """Yield the matches in ``text``, in order, without overlaps among themselves."""
        group = "value" if "value" in self.pattern.groupindex else 0
        for found in self.pattern.finditer(text):
            start, end = found.span(group)
            if self.check is not None and not self.check(found[group]):
                continue
            if self.context is None or self.context.search(_before(text, start, self.within)):
                yield Match(start, end, self.label, self.id, self.score)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A language's recognizers, and the guards that say what is no identifier."""

    recognizers: tuple[Recognizer, ...]
    guards: tuple[Recognizer, ...]


@cache
def load_rules(lang: str) -> RuleSet:
    """Return the rules of the language folder ``lang``.

    Raises DeidError where the language has none, and names the rule whose pattern, label or check is wrong.
    """
    folder = files("spacy_deid.lang").joinpath(lang, "rules")
    if not folder.is_dir():
        raise DeidError(f"There are no rules for the language {lang!r}. Remedy: use sv or es, or leave deid_rules out.")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    tables = [tomllib.loads(folder.joinpath(name).read_text("utf8")) for name in names]
    return RuleSet(
        tuple(_recognizer(entry, lang) for table in tables for entry in table.get("rule", [])),
        tuple(_recognizer({"label": "", **entry}, lang) for table in tables for entry in table.get("guard", [])),
    )


def _recognizer(entry: dict[str, Any], lang: str) -> Recognizer:
    where = f"lang/{lang}/rules, rule {entry.get('id', '(without id)')!r}"
    try:
        settings = dict(entry)
        settings["pattern"] = re.compile(entry["pattern"], _FLAGS)
        if "context" in entry:
            settings["context"] = re.compile(entry["context"], _FLAGS)
        if "check" in entry:
            settings["check"] = getattr(importlib.import_module(f"spacy_deid.lang.{lang}.checks"), entry["check"])
        recognizer = Recognizer(**settings)
    except (re.error, AttributeError, KeyError, TypeError) as error:
        raise DeidError(f"{where}: {error}. Remedy: correct it.") from None
    if recognizer.label and recognizer.label not in known_labels():
        raise DeidError(f"{where}: the label {recognizer.label!r} is not in labels.toml. Remedy: correct it.")
    return recognizer


def _before(text: str, start: int, within: int) -> str:
    """Return the characters close before ``start``, up to a blank line."""
    return text[max(0, start - within) : start].rpartition("\n\n")[2]
