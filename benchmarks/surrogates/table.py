"""The result of `evaluate_surrogates` as a table."""

from collections.abc import Mapping
from typing import Any

from wasabi.tables import table

_HEADER = ("policy", "originals", "category", "mentions", "of them original", "AUC", "precision", "recall", "chance")
_NOTES = """AUC: .5 for guessing, 1 if every original is recognised. Precision, recall: of an attacker who inspects the
tenth of the mentions that are most similar to originals. Chance: the precision of guessing, whose recall is .1."""


def surrogates_table(result: Mapping[str, Any]) -> str:
    """Return the figures with their 95 % intervals over notes."""
    rows = [
        (policy, kind, category, row["mentions"], row["originals"], *(_shown(row, name) for name in _FIGURES))
        for policy, figures in result["policies"].items()
        for kind in ("missed", "let_pass")
        for category, row in figures[kind].items()
    ]
    people = [
        (policy, figures["one_name"]["people"], _shown(figures, "one_name"))
        for policy, figures in result["policies"].items()
        if "one_name" in figures
    ]
    attacked = table(rows, header=_HEADER, divider=True)
    return f"{attacked}\n{_NOTES}\n{table(people, header=('policy', 'people', 'keep one name'), divider=True)}"


_FIGURES = ("auc", "precision", "recall", "chance")


def _shown(row: Mapping[str, Any], name: str) -> str:
    figure = row.get(name)
    if figure is None or figure["value"] is None:
        return "-"
    return f"{figure['value']:.2f} ({figure['low']:.2f}-{figure['high']:.2f})"
