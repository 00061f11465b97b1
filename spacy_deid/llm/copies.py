"""From a note to the source of its copy, and from the marks of its windows to the note's identifiers."""

import re
from collections.abc import Sequence

import numpy as np

from spacy_deid.errors import DeidError
from spacy_deid.llm.answer import Marks, Source
from spacy_deid.llm.decide import NOTHING, ScoredSpan
from spacy_deid.llm.passages import Passage
from spacy_deid.llm.pieces import Pieces, pieces_of_units
from spacy_deid.llm.windows import Window, deciding_parts

# no letter and no digit: before a piece with one, a tag may always open
_LINE_END = re.compile(r"[\W_]*[\n\r][\W_]*")


def source_of(passage: Passage, pieces: Pieces) -> Source:
    """Return what an answer needs to know of a note's pieces.

    Raises DeidError if a unit has no piece, because nothing would be decided about it.
    """
    places = pieces_of_units(pieces.offsets, [(unit.start, unit.end) for unit in passage.units])
    without = sum(not own for own in places)
    if without:
        raise DeidError(
            f"{without} of {len(places)} words have no piece of the language model. "
            "Remedy: use a model whose tokenizer encodes every character."
        )
    numbers = np.searchsorted([own.start for own in places], np.arange(len(pieces)), side="right")
    ends = np.maximum.accumulate([0, *(end for _, end in pieces.offsets)])[:-1]
    return Source(
        pieces.ids,
        [bool(_LINE_END.fullmatch(passage.text, start, end)) for start, end in pieces.offsets],
        [start >= end for (start, _), end in zip(pieces.offsets, ends, strict=True)],
        numbers.tolist(),
    )


def whole_note(windows: Sequence[Window], marks: Sequence[Marks]) -> Marks:
    """Return the marks of a note: of each piece those of the window that decides it."""
    note = Marks.none(windows[-1].end)
    times = np.zeros(windows[-1].end, dtype=np.int64)
    for number, start, end in deciding_parts(windows):
        inside = slice(start - windows[number].start, end - windows[number].start)
        note.columns[start:end] = marks[number].columns[inside]
        note.begins[start:end] = marks[number].begins[inside]
        note.scores[start:end] = marks[number].scores[inside]
        times[start:end] += 1
    if not (times == 1).all():
        msg = "a piece of a note was not decided exactly once"
        raise AssertionError(msg)
    return note


def spans_of_marks(
    text: str, offsets: Sequence[tuple[int, int]], marks: Marks, labels: Sequence[str]
) -> list[ScoredSpan]:
    """Return the identifiers of a note, in order, without white space at their edges.

    Args:
        text: The note.
        offsets: Characters of each piece.
        marks: The decision on each piece.
        labels: The labels of the columns from 1.
    """
    spans: list[ScoredSpan] = []
    last = NOTHING
    for (start, end), column, begins, score in zip(offsets, marks.columns, marks.begins, marks.scores, strict=True):
        if column != NOTHING and column == last and not begins:
            before = spans.pop()
            spans.append(ScoredSpan(before.start, max(before.end, end), before.label, max(before.score, float(score))))
        elif column != NOTHING:
            spans.append(ScoredSpan(start, end, labels[column - 1], float(score)))
        last = column
    return [span for span in (_stripped(text, span) for span in spans) if span.start < span.end]


def _stripped(text: str, span: ScoredSpan) -> ScoredSpan:
    inside = text[span.start : span.end]
    start = span.start + len(inside) - len(inside.lstrip())
    return ScoredSpan(start, max(start, span.start + len(inside.rstrip())), span.label, span.score)
