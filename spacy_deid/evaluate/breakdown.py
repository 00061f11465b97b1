"""Parts of the notes: each label, each category, and the narrative middle."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from spacy_deid.evaluate.measures import Counts, ScoredNote, leaks, share
from spacy_deid.extensions import CharSpan

# Of MEDDOCAN's identifiers 67 % start in the first fifth of a note and 24 % in the last tenth: scores over
# whole notes say mostly how well headers and signatures are read.
FIRST, LAST = 0.15, 0.85


class Row(NamedTuple):
    """One label's or category's strict scores; None where there is nothing to take a share of.

    ``support``: gold spans. ``hidden``: share of them whose every letter and digit is covered, whatever the
    label.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    hidden: float | None
    support: int


def breakdown(notes: Iterable[ScoredNote], group: Callable[[str], str] = str) -> dict[str, Row]:
    """Score each group of labels by itself, the most frequent first; ``group`` maps a label to its group.

    Within a group labels are interchangeable: with categories, a street taken for a town is right.
    """
    counts: dict[str, Counts] = {}
    leaked: Counter[str] = Counter()
    for note in notes:
        gold, predicted = _grouped(note.gold, group), _grouped(note.predicted, group)
        for name in {span.label for span in gold | predicted}:
            of_note = Counts.of(_only(gold, name), _only(predicted, name))
            counts[name] = of_note.plus(counts.get(name, Counts(0, 0, 0)))
        leaked.update(span.label for span in _grouped(leaks(note), group))
    rows = {name: _row(of_name, leaked[name]) for name, of_name in counts.items()}
    return dict(sorted(rows.items(), key=lambda item: (-item[1].support, item[0])))


def narrative(note: ScoredNote) -> ScoredNote:
    """Cut a note to its middle 70 % by characters, with the gold spans that start there, whole.

    Kept of the predictions: those that start there too, and those that cover a part of a kept gold span, which
    they hide wherever they start. One that sticks out of the text keeps its boundaries (its start may be negative):
    spans are compared as they are, characters within the text alone.
    """
    first, last = int(FIRST * len(note.text)), int(LAST * len(note.text))
    gold = {span for span in note.gold if first <= span.start < last}
    predicted = {
        span for span in note.predicted if first <= span.start < last or any(_overlap(span, kept) for kept in gold)
    }
    end = max([last, *(span.end for span in gold)])
    return ScoredNote(note.text[first:end], _shifted(gold, first), _shifted(predicted, first))


def _row(counts: Counts, leaked: int) -> Row:
    support = counts.tp + counts.fn
    return Row(counts.precision, counts.recall, counts.f1, share(support - leaked, support), support)


def _grouped(spans: Iterable[CharSpan], group: Callable[[str], str]) -> set[CharSpan]:
    return {CharSpan(span.start, span.end, group(span.label)) for span in spans}


def _only(spans: set[CharSpan], label: str) -> set[CharSpan]:
    return {span for span in spans if span.label == label}


def _overlap(a: CharSpan, b: CharSpan) -> bool:
    return a.start < b.end and b.start < a.end


def _shifted(spans: set[CharSpan], by: int) -> frozenset[CharSpan]:
    return frozenset(CharSpan(span.start - by, span.end - by, span.label) for span in spans)
