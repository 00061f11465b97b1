"""The files of a language pack: TOML tables that add to one another, and lists of one entry a line."""

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from spacy_deid.errors import DeidError

_FIELDS = re.compile("[;=]")


class WordList(BaseModel):
    """The entries of a file of ``lists/``.

    entries: the lines as written, without the mark "?", in the order of the file. sure: the unambiguous entries, in
    lower case and without the fields after ";" or "=". marked: the entries with "?", which are also a word or a name.
    """

    model_config = ConfigDict(frozen=True)

    entries: tuple[str, ...] = ()
    sure: frozenset[str] = frozenset()
    marked: frozenset[str] = frozenset()


def read_toml(path: Path) -> dict[str, Any]:
    """Return the table of a TOML file; DeidError, with the line, if it is not TOML or not UTF-8."""
    try:
        return tomllib.loads(path.read_text("utf8"))
    except tomllib.TOMLDecodeError as error:
        raise DeidError(f"{path} is not TOML: {error}. Remedy: correct it.") from None
    except UnicodeDecodeError:
        raise DeidError(f"{path} is not UTF-8. Remedy: save it as UTF-8.") from None


def read_entries(path: Path) -> list[str]:
    """Return the lines of a list's file without comments and blank lines; DeidError if it is not UTF-8."""
    try:
        lines = path.read_text("utf8").splitlines()
    except UnicodeDecodeError:
        raise DeidError(f"{path} is not UTF-8. Remedy: save it as UTF-8.") from None
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def word_list(lines: list[str]) -> WordList:
    """Return the list of the entries that `read_entries` returned."""
    entries = tuple(line.removeprefix("?").strip() for line in lines)
    marked = frozenset(_word_of(line).removeprefix("?") for line in lines if line.startswith("?"))
    return WordList(entries=entries, sure=frozenset(map(_word_of, entries)) - marked, marked=marked)


def _word_of(line: str) -> str:
    """Return the name of an entry in lower case: a town without its region, a hospital without its short forms."""
    return _FIELDS.split(line, maxsplit=1)[0].strip().casefold()


def merged_tables(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return ``base`` with ``more``: tables merged by key, arrays concatenated, other values as in ``more``."""
    merged = dict(base)
    for key, value in more.items():
        old = base.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[key] = merged_tables(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            merged[key] = [*old, *value]
        else:
            merged[key] = value
    return merged
