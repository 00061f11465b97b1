"""The audit as one self-contained HTML page. Imports jinja2 and matplotlib."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spacy_deid.evaluate.figures import COLOURS, HATCHES, WIDTH, draw_intervals, finish, name_rows, svg
from spacy_deid.labels import categories
from spacy_deid.pages import NOTHING, read_template

_GROUPS = {
    "rare": "Rare: of at most two patients, in no public list",
    "rare_names": "Rare names",
    "rare_numbers": "Rare numbers and addresses of e-mail and web",
    "all": "All",
    "in_1_note": "In one real note",
    "in_2_to_5_notes": "In two to five",
    "in_more_notes": "In more",
    "in_public_lists": "In public lists of names, towns and hospitals",
    "in_no_public_list": "In none",
}

SIDES = {"members": "members", "heldout": "held-out notes (chance)"}
_SHARES = {
    "Rare identifiers": ("identifiers", "rare"),
    "Rare names": ("identifiers", "rare_names"),
    "Rare numbers": ("identifiers", "rare_numbers"),
    "Whole persons": ("linkage", "rare_name"),
    "Eight words in a row": ("overlap", "recall_8"),
    "25 words in a row": ("overlap", "long_runs"),
}
_ATTACKS = {
    "Nearest neighbour": ("neighbours", "attack"),
    "Perplexity": ("corpus_membership", "likelihood"),
    "Perplexity, calibrated": ("corpus_membership", "calibrated"),
    "Longest run": ("corpus_membership", "longest_run"),
}


def html_report(audit: Mapping[str, Any]) -> str:
    """Return the page for the result of `audit`: verdict, measures, plots, tables. It loads nothing from outside."""
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


def share_plot(audit: Mapping[str, Any]) -> str:
    """Draw the shares of members' and of held-out notes' content in synthetic notes, with 95 % intervals, as SVG."""
    figure, axes = _figure(len(_SHARES))
    for number, (side, name) in enumerate(SIDES.items()):
        rows = [audit[section][measure][side] for section, measure in _SHARES.values()]
        draw_intervals(axes, rows, offset=0.3 * (number - 0.5), number=number, name=name, scale=100)
    axes.set_xlabel("per cent")
    name_rows(axes, list(_SHARES))
    return svg(figure)


def attack_plot(audit: Mapping[str, Any]) -> str:
    """Draw the AUC of each attack with its 95 % interval and a line at chance, as SVG."""
    figure, axes = _figure(len(_ATTACKS))
    rows = [audit[section][measure]["auc"] for section, measure in _ATTACKS.values()]
    draw_intervals(axes, rows, offset=0, number=0, name="attack")
    axes.axvline(0.5, color=COLOURS[1], linestyle="--", label="chance")
    axes.set_xlabel("AUC")
    name_rows(axes, list(_ATTACKS))
    return svg(figure)


def run_plot(audit: Mapping[str, Any]) -> str:
    """Draw the share of notes by their longest run of words that a synthetic note repeats, as SVG."""
    lengths = audit["overlap"]["run_lengths"]
    figure = Figure(figsize=(WIDTH, 3), layout="constrained")
    axes = figure.subplots()
    steps = lengths["from"]
    for number, (side, name) in enumerate(SIDES.items()):
        shares = [100 * count / max(1, sum(lengths[side])) for count in lengths[side]]
        places = [place + 0.4 * (number - 0.5) for place in range(len(steps))]
        axes.bar(places, shares, width=0.4, color=COLOURS[number], hatch=HATCHES[number], edgecolor="white", label=name)
    axes.set_xticks(range(len(steps)), [f"{step}+" for step in steps])
    axes.set_xlabel("words in a row")
    axes.set_ylabel("per cent of notes")
    finish(axes)
    return svg(figure)


def _figure(rows: int) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, 1 + rows * 0.45), layout="constrained")
    return figure, figure.subplots()
