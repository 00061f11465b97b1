"""One self-contained HTML page that sets systems side by side. Imports jinja2 and matplotlib."""

from collections.abc import Sequence

from spacy_deid.evaluate import format as formats
from spacy_deid.evaluate.compare import Contender, side_by_side
from spacy_deid.evaluate.examples import Segment
from spacy_deid.evaluate.figures import interval_plot, label_plot
from spacy_deid.pages import read_template
from spacy_deid.stats import RESAMPLES


def html_report(contenders: Sequence[Contender], examples: Sequence[Sequence[Segment]] = ()) -> str:
    """Return the page: summary, plots, tables with gaps to the first contender, synthetic notes.

    The page refers to nothing outside itself. Raises DeidError when the contenders do not share their gold.
    """
    template = read_template(
        "spacy_deid.evaluate",
        "report.html.jinja",
        score=formats.score,
        percent=formats.percent,
        interval=formats.interval,
        signed=formats.signed,
        signed_interval=formats.signed_interval,
    )
    return template.render(
        contenders=contenders,
        gold=contenders[0].metrics["gold"],
        made=next(filter(None, (metrics["gold"]["made"] for _, metrics in contenders)), ""),
        whole=side_by_side(contenders, "whole"),
        narrative=side_by_side(contenders, "narrative"),
        interval_plot=interval_plot(contenders),
        label_plot=label_plot(contenders),
        examples=examples,
        resamples=RESAMPLES,
    )
