"""Where the strings and numbers of a JSON text stand, so that one can be replaced and every other byte stay."""

import json
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|-?\d[\d.eE+-]*')


class Value(NamedTuple):
    """A string or a number: its characters ``start`` to ``end`` (exclusive), the quotes of a string among them.

    path: the keys that lead to it, without the places in arrays. key_start: where the key of its member begins, or
    None for an entry of an array. keys: those of the object that it is a member of, all of them once the last value is
    read.
    """

    path: tuple[str, ...]
    text: str
    is_string: bool
    key_start: int | None
    start: int
    end: int
    keys: Set[str]


@dataclass(slots=True)
class _Frame:
    is_object: bool
    key: str = ""
    key_start: int | None = None
    keys: set[str] = field(default_factory=set)


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
        elif mark == ":":
            before_key = False
        elif before_key:
            frames[-1].key, frames[-1].key_start = json.loads(token[0]), token.start()
            frames[-1].keys.add(frames[-1].key)
        else:
            path = tuple(frame.key for frame in frames if frame.is_object)
            is_string = mark == '"'
            key_start = frames[-1].key_start if frames and frames[-1].is_object else None
            read = json.loads(token[0]) if is_string else token[0]
            together = frames[-1].keys if frames else set()
            yield Value(path, read, is_string, key_start, *token.span(), together)


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
