"""The table of labels: corpus label -> category."""

import hashlib
import re
import tomllib
from functools import cache
from importlib.resources import files

NOT_SHOWN = "(not shown)"
_UPPER_CASE_NAME = re.compile("[A-Z][A-Z0-9_-]*")


@cache
def _table() -> tuple[tuple[str, ...], dict[str, str]]:
    table = tomllib.loads(files("spacy_deid").joinpath("labels.toml").read_text("utf8"))
    categories = tuple(table.pop("categories"))
    mapping = {label: category for corpus in table.values() for label, category in corpus.items()}
    mapping.update({category: category for category in categories})
    return categories, mapping


def table_sha256() -> str:
    """Return the SHA-256 of labels.toml: a corpus depends on it."""
    return hashlib.sha256(files("spacy_deid").joinpath("labels.toml").read_bytes()).hexdigest()


def categories() -> tuple[str, ...]:
    """Return the categories in the order of the table."""
    return _table()[0]


def known_labels() -> frozenset[str]:
    """Return every label that the table maps, including the categories."""
    return frozenset(_table()[1])


def category_of(label: str) -> str:
    """Return the category of a corpus label; an unknown label is OTHER, so that it is still redacted."""
    return _table()[1].get(label, "OTHER")


def in_categories(label: str) -> str:
    """Return the category of a label that the table maps, and any other label as it is."""
    return _table()[1].get(label, label)


def looks_like_label(label: str) -> bool:
    """Whether the table has the label or it is an upper-case name; anything else may be note text.

    A file with its columns in another order, for example, has note text in the place of labels.
    """
    return label in known_labels() or bool(_UPPER_CASE_NAME.fullmatch(label))


def shown_label(label: str) -> str:
    """Return a label for errors and manifests, without note text."""
    return label if looks_like_label(label) else NOT_SHOWN
