"""Rules that find identifiers by their form: patterns from rules/*.toml, some with a check in code.

A language pack has a folder ``rules/`` with a file for each category::

    [[rule]]
    id = "case_number"           # unique in the pack; spans keep it as their source, "rule:case_number"
    label = "ID"                 # a label of labels.toml
    pattern = '''...'''          # verbose regular expression; a group "value" is the span, else the whole match
    check = "is_luhn"            # optional: a function of checks.py, str -> bool, on the span's text
    context = '''...'''          # optional: a verbose regular expression that must occur close before the span ...
    within = 40                  # ... in this many characters (and not across a blank line)
    score = 0.9                  # probability that a match is right, 0 to 1; 1.0 is reserved for check digits
    finds = ["Dnr <ID>2024-118</ID>"]
    leaves = ["2024-118 mg"]     # examples: a marked match, and a text without one

    [[rule]]
    id = "ward"
    label = "CARE_UNIT"
    list = "wards"               # instead of a pattern: the entries of lists/wards.txt

    [[guard]]                    # text that looks like an identifier but is not: "NRS 7/10", "Parkinsons sjukdom"
    id = "scale"
    pattern = '''...'''

A pattern that several rules of a file share has a name, ``[patterns] year = '(?:19|20)\\d\\d'``, and replaces
``{year}`` in their patterns and contexts.

Patterns ignore case unless they say ``(?-i:...)``. The rules of a pack are its own, those of the pack that it extends
and those of ``any``; of rules with the same id, the first in this order counts.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spacy_deid.errors import DeidError
from spacy_deid.labels import known_labels
from spacy_deid.lang.pack import ANY, Folder, LanguagePack, installed, pack_of
from spacy_deid.lang.pack_files import WordList, read_toml

_FLAGS = re.VERBOSE | re.IGNORECASE
_KINDS = ("rule", "guard")
_PATTERNS = "patterns"
_REFERENCE = re.compile(r"\{([a-z_]+)\}")  # not "{2,5}"


@dataclass(frozen=True, slots=True)
class Match:
    """A rule's match: characters ``start`` to ``end`` (exclusive), and the rule's id, label and score."""

    start: int
    end: int
    label: str
    rule: str
    score: float


@dataclass(frozen=True, slots=True)
class Recognizer:
    """One form of one kind of identifier; ``label`` is "" for a guard. file: the rule's file."""

    id: str
    label: str
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None = None
    context: re.Pattern[str] | None = None
    within: int = 40
    score: float = 0.5
    finds: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    file: str = ""

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
    """A language's recognizers, and the guards that mark what is not an identifier."""

    recognizers: tuple[Recognizer, ...]
    guards: tuple[Recognizer, ...]


class _Entry(BaseModel):
    """A rule or guard as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1)
    label: str = ""
    pattern: str = ""
    list: str = ""
    check: str = ""
    context: str = ""
    within: int = Field(default=40, gt=0)
    score: float = Field(default=0.5, gt=0, le=1)
    finds: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()


def load_rules(lang: str) -> RuleSet:
    """Return the rules of the installed pack ``lang``; see `rules_of`."""
    return rules_of(pack_of(lang))


def rules_of(pack: LanguagePack) -> RuleSet:
    """Return the rules of a pack, including those of the packs that it extends.

    Raises DeidError if the pack has none, and names the file and rule with a wrong pattern, label, list or check.
    """
    if not pack.has("rules") and pack.code != ANY:
        raise DeidError(
            f"There are no rules for the language {pack.code!r}. Remedy: use one of {', '.join(installed())}, add a "
            "language pack, or leave deid_rules out."
        )
    return _rules_of(pack)


@cache
def _rules_of(pack: LanguagePack) -> RuleSet:
    found: dict[str, dict[str, Recognizer]] = {kind: {} for kind in _KINDS}
    for folder in pack.folders:
        for kind, recognizers in _in_folder(folder, pack).items():
            found[kind] |= {id_: each for id_, each in recognizers.items() if id_ not in found[kind]}
    return RuleSet(*(tuple(found[kind].values()) for kind in _KINDS))


def _in_folder(folder: Folder, pack: LanguagePack) -> dict[str, dict[str, Recognizer]]:
    """Return the rules and guards of one folder by id, in the order of its files."""
    found: dict[str, dict[str, Recognizer]] = {kind: {} for kind in _KINDS}
    for path in sorted((folder.path / "rules").glob("*.toml")):
        table = read_toml(path)
        if unknown := sorted(table.keys() - {*_KINDS, _PATTERNS}):
            allowed = "neither [[rule]], [[guard]] nor [patterns]"
            raise DeidError(f"{path}: {unknown[0]!r} is {allowed}. Remedy: correct it.")
        for kind in _KINDS:
            for entry in table.get(kind, []):
                recognizer = _recognizer(_with_patterns(entry, table.get(_PATTERNS, {}), path), kind, path, pack)
                if recognizer.id in found[kind]:
                    raise _error(path, recognizer.id, "the id is used twice", "give each rule its own id")
                found[kind][recognizer.id] = recognizer
    return found


def _with_patterns(entry: dict[str, Any], patterns: dict[str, str], path: Path) -> dict[str, Any]:
    """Return an entry in which each ``{name}`` of its pattern and context is the pattern of that name."""
    try:
        return entry | {key: _filled(entry[key], patterns) for key in ("pattern", "context") if key in entry}
    except (KeyError, TypeError, RecursionError) as error:
        raise _error(path, str(entry.get("id")), f"no pattern {error}", "name it under [patterns]") from None


def _filled(pattern: str, patterns: dict[str, str]) -> str:
    return _REFERENCE.sub(lambda found: f"(?:{_filled(patterns[found[1]], patterns)})", pattern)


def _recognizer(written: dict[str, Any], kind: str, path: Path, pack: LanguagePack) -> Recognizer:
    id_ = str(written.get("id", "(without id)"))
    try:
        entry = _Entry.model_validate(written)
    except ValidationError as error:
        first = error.errors()[0]
        raise _error(path, id_, f"{'.'.join(map(str, first['loc']))}: {first['msg']}", "correct it") from None
    if (kind == "rule") != bool(entry.label):
        raise _error(path, id_, f"a {kind} {'without' if kind == 'rule' else 'with'} a label", "correct it")
    if entry.label and entry.label not in known_labels():
        raise _error(path, id_, f"the label {entry.label!r} is not in labels.toml", "correct it")
    if bool(entry.pattern) == bool(entry.list):
        raise _error(path, id_, "it needs either a pattern or a list", "name one of them")
    try:
        return Recognizer(
            entry.id,
            entry.label,
            pattern=re.compile(entry.pattern or _pattern_of(entry, path, pack), _FLAGS),
            check=_check(entry, path, pack),
            context=re.compile(entry.context, _FLAGS) if entry.context else None,
            within=entry.within,
            score=entry.score,
            finds=entry.finds,
            leaves=entry.leaves,
            file=str(path),
        )
    except re.error as error:
        raise _error(path, id_, f"{error}", "correct the pattern") from None


def _check(entry: _Entry, path: Path, pack: LanguagePack) -> Callable[[str], bool] | None:
    if not entry.check:
        return None
    for module in pack.modules("checks"):
        if hasattr(module, entry.check):
            check: Callable[[str], bool] = getattr(module, entry.check)
            return check
    raise _error(path, entry.id, f"there is no check {entry.check!r}", "name a function of checks.py")


def _pattern_of(entry: _Entry, path: Path, pack: LanguagePack) -> str:
    words = pack.list(entry.list)
    if not words.entries:
        raise _error(path, entry.id, f"there is no list {entry.list!r}", f"add lists/{entry.list}.txt")
    return _any_of(words)


def _any_of(words: WordList) -> str:
    """Return a pattern of the entries as whole words; those with the mark "?" count only as written."""
    sure = [entry for entry in words.entries if entry.casefold() not in words.marked]
    marked = [entry for entry in words.entries if entry.casefold() in words.marked]
    parts = [f"(?-i:{_tree(marked)})"] * bool(marked) + [_tree(sure)] * bool(sure)
    return rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])"


def _tree(entries: Sequence[str]) -> str:
    """Return a pattern in which entries with the same beginning share it, so that many entries cost little."""
    return _branches({" ".join(entry.split()) for entry in entries})


def _branches(entries: set[str]) -> str:
    by_first: dict[str, set[str]] = {}
    for entry in entries - {""}:
        by_first.setdefault(entry[0], set()).add(entry[1:])
    branches = [
        (r"\s+" if first == " " else re.escape(first)) + (_branches(rest) if rest != {""} else "")
        for first, rest in sorted(by_first.items())
    ]
    return f"(?:{'|'.join(branches)}){'?' if '' in entries else ''}"


def _error(path: Path, rule: str, what: str, remedy: str) -> DeidError:
    return DeidError(f"{path}, line {line_of(path, rule)}, {rule!r}: {what}. Remedy: {remedy}.")


@cache
def line_of(path: Path, rule: str) -> int:
    """Return the line with the id of a rule; 1 if there is none."""
    lines = path.read_text("utf8").splitlines()
    written = re.compile(rf"""\s*id\s*=\s*["']{re.escape(rule)}["']""")
    return next((number for number, line in enumerate(lines, start=1) if written.match(line)), 1)


def _before(text: str, start: int, within: int) -> str:
    """Return the ``within`` characters before ``start``, from the last blank line on."""
    return text[max(0, start - within) : start].rpartition("\n\n")[2]
