"""Names by origin and gender, sentences with a place for them, and the two put together."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from spacy_deid.corpus.utf8 import read_lines, read_utf8
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.lang.facts import Genitive

GENDERS = ("f", "m")
LABEL = "NAME"
_SLOT = re.compile(r"\{([^{}]*)\}")
_SLOTS = ("first", "last", "full", "first_gen")
_TABLE = 'a table for each origin, such as [finnish] f = ["Aamu"], m = ["Otso"], last = ["Muilu"]'


class Origin(NamedTuple):
    """First names by gender (the keys are `GENDERS`) and surnames."""

    first: Mapping[str, Sequence[str]]
    last: Sequence[str]


class NamedText(NamedTuple):
    """A text and the spans of the one person's name that stands in it."""

    text: str
    spans: list[CharSpan]


def read_names(path: Path) -> dict[str, Origin]:
    """Return each origin of a TOML file: ``f`` and ``m`` hold first names, ``last`` surnames; none may be empty."""
    try:
        table = tomllib.loads(read_utf8(path))
    except tomllib.TOMLDecodeError as error:
        raise DeidError(f"{path} is not TOML: {error}. Remedy: {_TABLE}.") from None
    for origin, lists in table.items():
        if (
            not isinstance(lists, dict)
            or lists.keys() != {*GENDERS, "last"}
            or not all(map(_are_names, lists.values()))
        ):
            raise DeidError(f"{path}: {origin!r} is not three lists of names. Remedy: {_TABLE}.")
    if not table:
        raise DeidError(f"{path} holds no names. Remedy: {_TABLE}.")
    return {
        origin: Origin({gender: lists[gender] for gender in GENDERS}, lists["last"]) for origin, lists in table.items()
    }


def _are_names(names: object) -> bool:
    return isinstance(names, list) and bool(names) and all(isinstance(name, str) and name.strip() for name in names)


def read_frames(path: Path) -> list[str]:
    """Return the sentences of a file, one a line, each with a slot at least: {first}, {last}, {full}, {first_gen}."""
    frames = []
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        slots = _SLOT.findall(line)
        if not slots or not set(slots) <= set(_SLOTS):
            raise DeidError(
                f"{path}, line {number}: no slot, or an unknown one. "
                f"Remedy: use {', '.join(f'{{{slot}}}' for slot in _SLOTS)}."
            )
        frames.append(line)
    if not frames:
        raise DeidError(f"{path} holds no sentence. Remedy: one a line, with a slot such as {{first}}.")
    return frames


def texts_of(
    origin: Origin, gender: str, number: int, frames: Sequence[str], genitive: Genitive
) -> Iterator[NamedText]:
    """Yield every frame with the origin's first name ``number`` of a gender, its surnames taking turns.

    Args:
        origin: The names.
        gender: One of `GENDERS`.
        number: The place of the first name in its list.
        frames: The sentences.
        genitive: That of the sentences' language, for {first_gen}.
    """
    first = origin.first[gender][number]
    for position, frame in enumerate(frames):
        yield fill(frame, first, origin.last[(number + position) % len(origin.last)], genitive)


def fill(frame: str, first: str, last: str, genitive: Genitive) -> NamedText:
    """Return a frame with one person's names in its slots; ``genitive``: that of the frame's language."""
    values = {"first": first, "last": last, "full": f"{first} {last}", "first_gen": genitive.of(first)}
    pieces: list[str] = []
    spans = []
    length = read = 0
    for match in _SLOT.finditer(frame):
        before, name = frame[read : match.start()], values[match[1]]
        start = length + len(before)
        spans.append(CharSpan(start, start + len(name), LABEL))
        pieces += before, name
        length, read = start + len(name), match.end()
    return NamedText("".join([*pieces, frame[read:]]), spans)
