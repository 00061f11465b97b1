"""Span scores as the MEDDOCAN shared task defines them (Marimon et al. 2019)."""

from collections.abc import Iterable

from spacy_deid.evaluate.counts import Counts
from spacy_deid.evaluate.note import ScoredNote
from spacy_deid.extensions import CharSpan

Stretch = tuple[int, int]


def strict(note: ScoredNote) -> Counts:
    """Count spans that agree in start, end and label."""
    return Counts.of(note.gold, note.predicted)


def span_only(note: ScoredNote) -> Counts:
    """Count spans that agree in start and end, whatever their labels."""
    return Counts.of(_stretches(note.gold), _stretches(note.predicted))


def merged(note: ScoredNote) -> Counts:
    """Count label-blind spans, forgiving cuts and joins at spaces and punctuation.

    True positives are the stretches on which both sides agree, as they are or once each side's neighbours are
    joined; false positives and negatives are the spans that lie inside no such agreement.
    """
    gold, predicted = _stretches(note.gold), _stretches(note.predicted)
    agreed = (gold & predicted) | (joined(note.text, gold) & joined(note.text, predicted))
    return Counts(len(agreed), _outside(predicted, agreed), _outside(gold, agreed))


def joined(text: str, stretches: Iterable[Stretch]) -> set[Stretch]:
    """Join stretches that overlap, touch or have only non-alphanumeric characters between them."""
    result: list[Stretch] = []
    for start, end in sorted(stretches):
        if result and not any(map(str.isalnum, text[result[-1][1] : max(start, 0)])):
            first, last = result.pop()
            result.append((first, max(last, end)))
        else:
            result.append((start, end))
    return set(result)


def _stretches(spans: Iterable[CharSpan]) -> set[Stretch]:
    return {(span.start, span.end) for span in spans}


def _outside(stretches: set[Stretch], agreed: set[Stretch]) -> int:
    return sum(not any(first <= start and end <= last for first, last in agreed) for start, end in stretches)
