"""Names of bookmarks, and the codes of fields that refer to them.

Authors choose the names of bookmarks, so all get neutral names. A code is kept if its arguments are read as text (`IF`,
`TOC`, `REF`). Of another code (`MERGEFIELD`, `DOCPROPERTY`, `INCLUDETEXT`) only the result is kept, and a link leads
nowhere.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from spacy_deid.apply.formats.docx.names import full, table, tags

NOWHERE = "https://redacted.invalid/"
_TYPE = re.compile(r"\s*(=|[A-Za-z]+)")
_WITHIN = re.compile(r'\s*HYPERLINK\b.*\\l\s+"?(\w+)', re.IGNORECASE | re.DOTALL)
_LINK = re.compile(rf'\s*HYPERLINK "{re.escape(NOWHERE)}"\s*')
_TOKEN = re.compile(r"\w+")


class Names:
    """Neutral names for bookmarks, numbered in the order of the first request."""

    def __init__(self) -> None:
        rules = table("markup.toml")["names"]
        self._own, self._kept = tuple(rules["own"]), rules["kept"]
        self._names: dict[str, str] = {}

    def new(self, name: str) -> str:
        """Return the new name of a bookmark; Word ignores the case of names."""
        if name in self._kept:
            return name
        prefix = next((each for each in self._own if name.startswith(each)), "bookmark")
        return self._names.setdefault(name.casefold(), f"{prefix}{len(self._names) + 1}")

    def replaced(self, code: str) -> str:
        """Return a field's code with the new names in its arguments."""
        kind = _TYPE.match(code)
        start = kind.end() if kind else 0
        return code[:start] + _TOKEN.sub(lambda found: self._names.get(found[0].casefold(), found[0]), code[start:])


@dataclass(slots=True)
class _Field:
    codes: list[Any] = field(default_factory=list)
    is_whole: bool = True
    has_result: bool = False


def rename(roots: Iterable[Any]) -> Names:
    """Give neutral names to all bookmarks."""
    rules, names = table("markup.toml"), Names()
    for root in roots:
        for value in root.xpath("|".join(rules["names"]["paths"]), namespaces=rules["prefixes"]):
            if value:
                value.getparent().set(value.attrname, names.new(value))
    return names


def clean_codes(root: Any, names: Names) -> None:
    """Keep the codes of fields that are read, in one piece each, and empty the others."""
    for element in list(root.iter(full("w:fldSimple"))):
        new = _cleaned(element.get(full("w:instr"), ""), names)
        element.set(full("w:instr"), new)
        if not new:
            unwrap(element)
    for codes, is_whole in _fields(root):
        pieces = [element.text or "" for element in codes]
        code = "".join(pieces)
        is_in_one = is_whole or not _is_read(code)
        for number, element in enumerate(codes):
            element.text = ("" if number else _cleaned(code, names)) if is_in_one else names.replaced(pieces[number])


def is_plain(code: str) -> bool:
    """Whether a field's code holds no text of an author: "PAGE", "TOC \\o", a link that leads nowhere."""
    return bool(_plain().fullmatch(code) or _LINK.fullmatch(code))


def _cleaned(code: str, names: Names) -> str:
    if _is_read(code):
        return names.replaced(code)
    if not code.strip().upper().startswith("HYPERLINK"):
        return ""
    within = _WITHIN.match(code)
    return f' HYPERLINK \\l "{names.new(within[1])}" ' if within else f' HYPERLINK "{NOWHERE}" '


def _is_read(code: str) -> bool:
    found = _TYPE.match(code)
    return found is not None and found[1].upper() in table("markup.toml")["fields"]["read"]


def unwrap(element: Any) -> None:
    """Replace an element by its children: the result of a field without its code."""
    parent, place = element.getparent(), element.getparent().index(element)
    parent[place : place + 1] = list(element)


def _fields(root: Any) -> Iterator[tuple[list[Any], bool]]:
    """Yield the elements with a field's code, and whether no other field lies within the code."""
    character, kind = full("w:fldChar"), full("w:fldCharType")
    open_fields: list[_Field] = []
    for element in root.iter(character, *tags(table("markup.toml")["read"]["codes"])):
        if element.tag != character:
            if open_fields:
                open_fields[-1].codes.append(element)
            else:
                yield [element], True
        elif element.get(kind) == "begin":
            if open_fields and not open_fields[-1].has_result:
                open_fields[-1].is_whole = False
            open_fields.append(_Field())
        elif element.get(kind) == "separate" and open_fields:
            open_fields[-1].has_result = True
        elif element.get(kind) == "end" and open_fields:
            done = open_fields.pop()
            yield done.codes, done.is_whole
    yield from ((left.codes, False) for left in open_fields)


@cache
def _plain() -> re.Pattern[str]:
    rules = table("markup.toml")
    types = "|".join(map(re.escape, [*rules["fields"]["read"], "HYPERLINK"]))
    names = "|".join([*rules["names"]["own"], "bookmark"])
    formats = "|".join(rules["fields"]["formats"])
    argument = rf'\\[a-z*#@!]|{formats}|"?\d{{1,2}}-\d{{1,2}}"?|"?(?:{names})\d{{1,6}}"?'
    return re.compile(rf"\s*(?:{types})(?:\s+(?:{argument}))*\s*", re.IGNORECASE)
