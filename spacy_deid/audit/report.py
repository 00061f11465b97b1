"""The audit as one self-contained HTML page. Imports jinja2 and matplotlib."""

from collections.abc import Mapping
from typing import Any

from spacy_deid.audit.figures import attack_plot, run_plot, share_plot
from spacy_deid.labels import categories
from spacy_deid.pages import NOTHING, read_template

_GROUPS = {
    "rare": "Rare: in at most two notes, in no public list",
    "rare_names": "Rare names",
    "rare_numbers": "Rare numbers and addresses of e-mail and web",
    "all": "All",
    "in_1_note": "In one real note",
    "in_2_to_5_notes": "In two to five",
    "in_more_notes": "In more",
    "in_public_lists": "In public lists of names, towns and hospitals",
    "in_no_public_list": "In none",
}


def html_report(audit: Mapping[str, Any]) -> str:
    """Return the page for the result of `audit`: verdict, measures, plots, tables. It refers to nothing outside it."""
    template = read_template("spacy_deid.audit", "report.html.jinja", percent=_percent, points=_points, number=_number)
    return template.render(
        audit=audit,
        verdict=audit["verdict"],
        groups=_GROUPS | {name: name.capitalize().replace("_", " ") for name in categories()},
        share_plot=share_plot(audit),
        run_plot=run_plot(audit),
        attack_plot=attack_plot(audit),
    )


def _percent(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return NOTHING
    return f"{row['value']:.2%} ({row['low']:.2%} to {row['high']:.2%})"


def _points(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return NOTHING
    return f"{100 * row['value']:+.2f} ({100 * row['low']:+.2f} to {100 * row['high']:+.2f})"


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.4g}"
