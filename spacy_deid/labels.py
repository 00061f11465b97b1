"""The one table of labels: corpus label -> category."""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def _table() -> tuple[tuple[str, ...], dict[str, str]]:
    table = tomllib.loads(files("spacy_deid").joinpath("labels.toml").read_text("utf8"))
    categories = tuple(table.pop("categories"))
    mapping = {label: category for corpus in table.values() for label, category in corpus.items()}
    mapping.update({category: category for category in categories})
    return categories, mapping


def categories() -> tuple[str, ...]:
    """Return the categories in their order of the table."""
    return _table()[0]


def known_labels() -> frozenset[str]:
    """Return every label that the table maps, the categories themselves among them."""
    return frozenset(_table()[1])


def category_of(label: str) -> str:
    """Return the category of a corpus label; a label nobody listed is OTHER, so that it is still redacted."""
    return _table()[1].get(label, "OTHER")
