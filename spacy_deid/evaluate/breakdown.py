"""The same notes by label and by category: which kinds of identifiers are found and which leak."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from spacy_deid.evaluate.characters import leaks
from spacy_deid.evaluate.counts import Counts, share
from spacy_deid.evaluate.note import ScoredNote
from spacy_deid.extensions import CharSpan


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


def _row(counts: Counts, leaked: int) -> Row:
    support = counts.tp + counts.fn
    return Row(counts.precision, counts.recall, counts.f1, share(support - leaked, support), support)


def _grouped(spans: Iterable[CharSpan], group: Callable[[str], str]) -> set[CharSpan]:
    return {CharSpan(span.start, span.end, group(span.label)) for span in spans}


def _only(spans: set[CharSpan], label: str) -> set[CharSpan]:
    return {span for span in spans if span.label == label}
