"""The report: one self-contained HTML page that compares systems. Imports jinja2 and matplotlib."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from spacy.tokens import Doc

from spacy_deid import pages
from spacy_deid.errors import DeidError
from spacy_deid.evaluate.figures import category_plot, curve_plot, interval_plot
from spacy_deid.evaluate.metrics import Contender, side_by_side
from spacy_deid.stats import RESAMPLES


class Segment(NamedTuple):
    """A stretch of a note; ``label`` is empty for plain text."""

    text: str
    label: str


def html_report(contenders: Sequence[Contender], examples: Sequence[Sequence[Segment]] = ()) -> str:
    """Return the page: summary, plots, tables with gaps to the first contender, synthetic notes.

    The page refers to nothing outside itself. Raises DeidError when the contenders do not share their gold.
    """
    template = pages.read_template(
        "spacy_deid.evaluate",
        "report.html.jinja",
        score=pages.score,
        percent=pages.percent,
        figure=pages.figure,
        interval=pages.interval,
        signed=pages.signed,
        signed_interval=pages.signed_interval,
    )
    calibrated = [contender for contender in contenders if contender.metrics.get("operating_points")]
    return template.render(
        contenders=contenders,
        calibrated=calibrated,
        curve_plot=curve_plot(calibrated) if calibrated else "",
        gold=contenders[0].metrics["gold"],
        made=next(filter(None, (metrics["gold"]["made"] for _, metrics in contenders)), ""),
        whole=side_by_side(contenders, "whole"),
        narrative=side_by_side(contenders, "narrative"),
        interval_plot=interval_plot(contenders),
        category_plot=category_plot(contenders),
        examples=examples,
        resamples=RESAMPLES,
    )


def synthetic_examples(docs: Iterable[Doc], number: int) -> list[list[Segment]]:
    """Return the first ``number`` notes that no filter rejected, cut into segments.

    Raises DeidError for a note without the mark of a language model: no real note may get into a report.
    """
    return [segments(doc) for doc in islice(_accepted(docs), number)]


def segments(doc: Doc) -> list[Segment]:
    """Cut a Doc's text at its entities."""
    result = []
    end = 0
    for ent in doc.ents:
        result.append(Segment(doc.text[end : ent.start_char], ""))
        result.append(Segment(ent.text, ent.label_))
        end = ent.end_char
    result.append(Segment(doc.text[end:], ""))
    return [segment for segment in result if segment.text]


def _accepted(docs: Iterable[Doc]) -> Iterable[Doc]:
    for doc in docs:
        # a seed, cut from a real note, has deid_meta too; only what a model wrote says whether it was finished
        if "finished" not in (doc._.deid_meta or {}):
            raise DeidError(
                f"Note {doc._.deid_id!r} does not say that a model wrote it (doc._.deid_meta), "
                "so it may be a real one. Remedy: show notes written by `deid generate` only."
            )
        if not doc._.deid_rejected:
            yield doc
