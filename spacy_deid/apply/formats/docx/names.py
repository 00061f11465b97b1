"""Names of elements and attributes: "w:tag" here, "{http://...}tag" in lxml."""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

ANY = "*"
ELEMENTS = "{*}*"  # for lxml's ``iter``: no comments


@cache
def table(name: str) -> dict[str, Any]:
    """Return a table of this folder."""
    return tomllib.loads(files("spacy_deid.apply.formats.docx").joinpath(name).read_text("utf8"))


@cache
def full(name: str) -> str:
    """Return lxml's name of an element or attribute."""
    prefix, colon, local = name.rpartition(":")
    return f"{{{table('markup.toml')['prefixes'][prefix]}}}{local}" if colon else local


@cache
def short(name: str) -> str:
    """Return the name with a prefix; "" for one of an unknown namespace."""
    namespace, brace, local = name.rpartition("}")
    if not brace:
        return local
    prefix = _prefixes().get(namespace.removeprefix("{"))
    return f"{prefix}:{local}" if prefix else ""


def tags(names: Iterable[str]) -> tuple[str, ...]:
    """Return lxml's names of elements."""
    return tuple(map(full, names))


class Attributes:
    """A list of attributes: "w:alias/w:val", or "*/title" for that of any element."""

    def __init__(self, names: Iterable[str]) -> None:
        pairs = [name.split("/") for name in names]
        self._pairs = {(tag if tag == ANY else full(tag), full(attribute)) for tag, attribute in pairs}

    def has(self, tag: str, attribute: str) -> bool:
        """Whether an attribute of an element is in the list; names are lxml's."""
        return (tag, attribute) in self._pairs or (ANY, attribute) in self._pairs


@cache
def _prefixes() -> dict[str, str]:
    return {namespace: prefix for prefix, namespace in table("markup.toml")["prefixes"].items()}
