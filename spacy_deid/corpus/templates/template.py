"""The contents of a file of templates: its header and its variants, each a sequence of text and other parts."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from spacy_deid.errors import DeidError


@dataclass(frozen=True, slots=True)
class Slot:
    """A value of a person, date, place or number; ``label`` is "" if it identifies nobody."""

    stem: str
    form: str | None
    label: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the options, which have equal probabilities."""

    options: "tuple[Parts, ...]"


@dataclass(frozen=True, slots=True)
class Gendered:
    """A word that depends on the gender of the person ``stem``."""

    stem: str
    female: str
    male: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number from ``low`` to ``high``, both included, in units of the last of its ``decimals``."""

    low: int
    high: int
    decimals: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the list ``key``."""

    key: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A value as somebody wrote it, with its label; see `spacy_deid.corpus.templates.written`."""

    text: str
    label: str


Part: TypeAlias = str | Slot | Choice | Gendered | Number | Word | Marked
Parts: TypeAlias = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """One file: a kind of note, its weight among the kinds, and the variants of its text.

    is_written: whether the variants are whole notes that somebody wrote; all such notes are equally likely.
    """

    name: str
    kind: str
    speciality: str
    weight: float
    variants: tuple[Parts, ...]
    is_written: bool = False


_HEADER = re.compile(r"#\s*(\w+)\s*:\s*(.*?)\s*")
_HEADER_KEYS = ("kind", "speciality", "weight")


def read_template(path: Path, parts_of: Callable[[int, str], Parts]) -> Template:
    """Return the template in a file.

    Args:
        path: The file, in UTF-8.
        parts_of: Returns the parts of a variant, given the number of its first line and its text.

    Raises:
        DeidError: With file and line: a bad header, or a variant without text.
    """
    try:
        lines = path.read_text("utf8").splitlines()
    except UnicodeDecodeError:
        raise DeidError(f"{path} is not UTF-8. Remedy: save it as UTF-8.") from None
    header, body = _header(path, lines)
    variants = []
    for first, text in _variants(lines, body):
        if not text:
            raise error_at(path, first, "a variant without text", "write it or remove its ---")
        variants.append(parts_of(first, text))
    return Template(path.stem, header["kind"], header.get("speciality", ""), float(header["weight"]), tuple(variants))


def _header(path: Path, lines: list[str]) -> tuple[dict[str, str], int]:
    """Return the header's values, and the index of the first line after it."""
    header = {"weight": "1"}
    body = 0
    for body, line in enumerate([*lines, ""]):
        if not line.startswith("#"):
            break
        match = _HEADER.fullmatch(line)
        if match is None or match[1] not in _HEADER_KEYS or not match[2]:
            raise error_at(
                path, body + 1, "a bad header", f"write '# key: value', key one of {', '.join(_HEADER_KEYS)}"
            )
        header[match[1]] = match[2]
        if match[1] == "weight" and not _is_weight(match[2]):
            raise error_at(path, body + 1, f"the weight {match[2]!r} is not a number above 0", "write '# weight: 2'")
    if "kind" not in header:
        raise error_at(path, 1, "no kind", "begin the file with '# kind: ...'")
    return header, body


def _is_weight(value: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", value) is not None and float(value) > 0


def _variants(lines: list[str], body: int) -> Iterator[tuple[int, str]]:
    """Yield the number of the first line and the text of each variant, without blank lines around it."""
    borders = [at for at in range(body, len(lines)) if lines[at].rstrip() == "---"]
    for start, end in zip([body, *(at + 1 for at in borders)], [*borders, len(lines)], strict=True):
        written = [at for at in range(start, end) if lines[at].strip()]
        first, last = (written[0], written[-1] + 1) if written else (start, start)
        yield min(first + 1, len(lines)), "\n".join(lines[first:last])


def error_at(path: Path, line: int, what: str, remedy: str) -> DeidError:
    """Return the error that names a line of a file."""
    return DeidError(f"{path}, line {line}: {what}. Remedy: {remedy}.")
