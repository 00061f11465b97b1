"""The report's plots, as SVG for a page. Imports matplotlib."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spacy_deid.evaluate.measures import MEASURES
from spacy_deid.evaluate.metrics import Contender

# Okabe & Ito's palette, which colour-blind readers can distinguish; the shapes are for print without colour
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
MARKERS = ("o", "s", "^", "D")
HATCHES = ("", "///", "...", "xxx")
# Measures of similar scale: the share of fully redacted notes is far lower and would compress the others
MAIN = ("strict_f1", "span_f1", "merged_f1", "token_f1", "character_recall")
WIDTH = 6.0  # inches: readable on a phone, which shows it at a third of that

# Text stays text, so that it can be searched and read aloud; a fixed salt makes the bytes repeatable
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "spacy-deid", "font.family": "sans-serif", "font.size": 10}


def interval_plot(contenders: Sequence[Contender]) -> str:
    """Draw the main measures of each contender, with their 95 % intervals, as SVG."""
    figure, axes = _figure(rows=len(MAIN), contenders=len(contenders))
    for number, (name, metrics) in enumerate(contenders):
        rows = [metrics["scores"][measure] for measure in MAIN]
        draw_intervals(axes, rows, offset=_offset(number, len(contenders)), number=number, name=name)
    name_rows(axes, [MEASURES[measure].title for measure in MAIN])
    return svg(figure)


def category_plot(contenders: Sequence[Contender]) -> str:
    """Draw strict F1 by category as bars, the most frequent on top, as SVG; categories without gold are left out."""
    categories = [category for category, row in contenders[0].metrics["categories"].items() if row["support"]]
    figure, axes = _figure(rows=len(categories), contenders=len(contenders))
    for number, (name, metrics) in enumerate(contenders):
        axes.barh(
            [place + _offset(number, len(contenders)) for place in range(len(categories))],
            [metrics["categories"][category]["f1"] for category in categories],
            height=0.8 / len(contenders),
            color=COLOURS[number % 4],
            edgecolor="white",
            hatch=HATCHES[number % 4],
            label=name,
        )
    axes.set_xlim(0, 1)
    name_rows(axes, categories)
    return svg(figure)


def curve_plot(contenders: Sequence[Contender]) -> str:
    """Draw what each calibrated contender finds at its thresholds against its over-redaction, as SVG."""
    figure = Figure(figsize=(WIDTH, 0.7 * WIDTH), layout="constrained")
    axes = figure.subplots()
    for number, (name, metrics) in enumerate(contenders):
        points = metrics["operating_points"]
        for measure, line in (("character_recall", "-"), ("fully_redacted", ":")):
            drawn = [of for of in points["curve"] if of[measure]["value"] is not None]
            across = [of["over_redaction"]["value"] for of in drawn]
            colour = COLOURS[number % 4]
            axes.plot(across, [of[measure]["value"] for of in drawn], line, color=colour, label=_of(measure, name))
            lows, highs = ([of[measure][end] for of in drawn] for end in ("low", "high"))
            axes.fill_between(across, lows, highs, color=colour, alpha=0.12, linewidth=0)
            named = [of for of in drawn if of["threshold"] in points["thresholds"].values()]
            for of in named:
                axes.plot(of["over_redaction"]["value"], of[measure]["value"], MARKERS[number % 4], color=colour)
    axes.set_xlabel(MEASURES["over_redaction"].title)
    axes.set_ylim(top=1)
    axes.grid(axis="y", color="#dddddd")
    finish(axes)
    return svg(figure)


def _of(measure: str, name: str) -> str:
    return f"{MEASURES[measure].title}, {name}"


def comparison_plot(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Draw the character recall of systems against their over-redaction, with 95 % intervals, as SVG.

    ``rows``: name of a system -> its row of `spacy_deid.evaluate.compare`.
    """
    figure = Figure(figsize=(WIDTH, WIDTH * 0.75), layout="constrained")
    axes = figure.subplots()
    for number, (name, row) in enumerate(rows.items()):
        found, over = row["scores"]["character_recall"], row["scores"]["over_redaction"]
        axes.errorbar(
            over["value"],
            found["value"],
            xerr=_distances(over),
            yerr=_distances(found),
            fmt=MARKERS[number // len(COLOURS) % len(MARKERS)],
            color=COLOURS[number % len(COLOURS)],
            label=name,
            capsize=3,
        )
    axes.set_xlabel(MEASURES["over_redaction"].title)
    axes.set_ylabel(MEASURES["character_recall"].title)
    axes.set_xlim(left=0)
    axes.grid(axis="y", color="#dddddd")
    finish(axes)
    return svg(figure)


def _distances(row: Mapping[str, Any]) -> list[list[float]]:
    return [[max(0, row["value"] - row["low"])], [max(0, row["high"] - row["value"])]]


def _figure(rows: int, contenders: int) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, 1 + rows * (0.15 + 0.15 * contenders)), layout="constrained")
    return figure, figure.subplots()


def _offset(number: int, contenders: int) -> float:
    """Place contenders above each other around their row's middle."""
    return 0.8 * ((number + 0.5) / contenders - 0.5)


def draw_intervals(
    axes: Axes, rows: Sequence[Mapping[str, Any]], *, offset: float, number: int, name: str, scale: float = 1
) -> None:
    """Draw one series of values with 95 % intervals.

    Args:
        axes: The axes to draw on.
        rows: Figures with ``value``, ``low`` and ``high``, one a row; a figure of None is left out.
        offset: Distance below the middle of the row, in rows.
        number: Number of the series, which decides its colour and marker.
        name: Name of the series in the legend.
        scale: Factor by which the figures are multiplied.
    """
    shown = [(place + offset, row) for place, row in enumerate(rows) if row["value"] is not None]
    axes.errorbar(
        [scale * row["value"] for _, row in shown],
        [place for place, _ in shown],
        xerr=[
            [scale * max(0, row["value"] - row["low"]) for _, row in shown],
            [scale * max(0, row["high"] - row["value"]) for _, row in shown],
        ],
        fmt=MARKERS[number % 4],
        color=COLOURS[number % 4],
        label=name,
        capsize=3,
    )


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Write the names of the rows, the first on top, and the legend."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    finish(axes)


def finish(axes: Axes) -> None:
    """Draw the grid and the legend, and no frame."""
    axes.grid(axis="x", color="#dddddd")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.figure.legend(loc="outside upper center", ncols=4, frameon=False)


def svg(figure: Figure) -> str:
    """Render without the XML prologue and metadata, which name outside addresses."""
    buffer = io.StringIO()
    with rc_context(STYLE):  # type: ignore[arg-type]  # its keys are typed as literals
        figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    svg = buffer.getvalue()
    return svg[svg.index("<svg") :]
