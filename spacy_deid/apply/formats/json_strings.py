"""The places of strings and numbers in a JSON text, so that one can be replaced and every other byte kept."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_NUMBER = r"-?\d[\d.eE+-]*"
# a key with its comma and its string or number, if any; a string or a number in an array; a mark
_TOKEN = re.compile(rf"(?:,\s*)?({_STRING})\s*:\s*(?:({_STRING})|({_NUMBER}))?|({_STRING})|({_NUMBER})|[{{}}\[\],]")
_KEY, _STRINGS = 1, (2, 4)  # the groups

Steps = tuple[str | int, ...]


class JsonValue(NamedTuple):
    """A string or a number: its characters ``start`` to ``end`` (exclusive), including the quotes of a string.

    Attributes:
        steps: The keys and the array indices that lead to it.
        path: The keys alone.
        text: The decoded string, or the number as written.
        is_string: Whether it is a string.
        key_start: The start of its key. None for an entry of an array.
        start: The first character.
        end: The character after the last one.
        members: The strings and numbers of its object, "" for other members; complete after the last value was read.
    """

    steps: Steps
    path: tuple[str, ...]
    text: str
    is_string: bool
    key_start: int | None
    start: int
    end: int
    members: Mapping[str, str]


@dataclass(slots=True)
class _Frame:
    """An object or an array that is being read, with the steps and the path that lead to it."""

    is_object: bool
    steps: Steps = ()
    path: tuple[str, ...] = ()
    key: str = ""
    key_start: int | None = None
    place: int = 0
    members: dict[str, str] = field(default_factory=dict)

    def inner(self) -> tuple[Steps, tuple[str, ...]]:
        """Return the steps and the path of the next value in it."""
        if self.is_object:
            return (*self.steps, self.key), (*self.path, self.key)
        return (*self.steps, self.place), self.path


def values(text: str) -> Iterator[JsonValue]:
    """Yield the strings and numbers of a valid JSON text in order."""
    frames: list[_Frame] = []
    frame = outermost = _Frame(is_object=False)
    for token in _TOKEN.finditer(text):
        group = token.lastindex
        if group is None:
            mark = token[0]
            if mark == ",":
                frame.place += 1
            elif mark in "{[":
                frame = _Frame(mark == "{", *(frame.inner() if frames else ()))
                frames.append(frame)
            else:
                frames.pop()
                frame = frames[-1] if frames else outermost
            continue
        if key := token[_KEY]:
            frame.key, frame.key_start = _read(key), token.start(_KEY)
            frame.members[frame.key] = ""
        if group != _KEY:
            is_string = group in _STRINGS
            read = _read(token[group]) if is_string else token[group]
            if key:
                frame.members[frame.key] = read
            steps, path = frame.inner() if frames else ((), ())
            yield JsonValue(steps, path, read, is_string, frame.key_start, *token.span(group), frame.members)


def _read(string: str) -> str:
    return str(json.loads(string)) if "\\" in string else string[1:-1]


def quoted(text: str, as_in: str) -> str:
    """Return ``text`` as a JSON string; non-ASCII characters are escaped if those of ``as_in`` are."""
    return json.dumps(text, ensure_ascii=as_in.isascii() and "\\u" in as_in)
