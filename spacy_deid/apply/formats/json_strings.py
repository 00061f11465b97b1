"""Where the strings and numbers of a JSON text stand, so that one can be replaced and every other byte stay."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|-?\d[\d.eE+-]*')


class Value(NamedTuple):
    """A string or a number: its characters ``start`` to ``end`` (exclusive), the quotes of a string among them.

    steps: the keys and the places in arrays that lead to it. key_start: where the key of its member begins, or None
    for an entry of an array. members: the strings and numbers of the object that it is a member of, "" for what else
    the object has, all of them once the last value is read.
    """

    steps: tuple[str | int, ...]
    text: str
    is_string: bool
    key_start: int | None
    start: int
    end: int
    members: Mapping[str, str]

    @property
    def path(self) -> tuple[str, ...]:
        """The keys that lead to it, without the places in arrays."""
        return tuple([step for step in self.steps if isinstance(step, str)])


@dataclass(slots=True)
class _Frame:
    is_object: bool
    key: str = ""
    key_start: int | None = None
    place: int = 0
    members: dict[str, str] = field(default_factory=dict)


def values(text: str) -> Iterator[Value]:
    """Yield the strings and numbers of a JSON text, which must be valid, in their order."""
    frames: list[_Frame] = []
    before_key = False
    for token in _TOKEN.finditer(text):
        mark = text[token.start()]
        if mark in "{[":
            frames.append(_Frame(mark == "{"))
            before_key = mark == "{"
        elif mark in "}]":
            frames.pop()
            before_key = False
        elif mark == ",":
            before_key = frames[-1].is_object
            frames[-1].place += 1
        elif mark == ":":
            before_key = False
        elif before_key:
            frames[-1].key, frames[-1].key_start = _read(token[0]), token.start()
            frames[-1].members[frames[-1].key] = ""
        else:
            is_string = mark == '"'
            read = _read(token[0]) if is_string else token[0]
            frame = frames[-1] if frames else _Frame(is_object=False)
            if frame.is_object:
                frame.members[frame.key] = read
            steps = tuple([each.key if each.is_object else each.place for each in frames])
            yield Value(steps, read, is_string, frame.key_start, *token.span(), frame.members)


def _read(string: str) -> str:
    return str(json.loads(string)) if "\\" in string else string[1:-1]


def keys(text: str) -> list[str]:
    """Return the keys of all objects of a JSON text, which must be valid, each once."""
    found: dict[str, None] = {}

    def keep(members: list[tuple[str, Any]]) -> None:
        found.update(dict.fromkeys(key for key, _ in members))

    json.loads(text, object_pairs_hook=keep)
    return list(found)


def quoted(text: str, as_in: str) -> str:
    """Return ``text`` as a JSON string; other than ASCII is escaped if nothing else stands in ``as_in``."""
    return json.dumps(text, ensure_ascii=as_in.isascii() and "\\u" in as_in)
