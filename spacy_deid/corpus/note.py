"""The common form of a note, between any file format and a Doc.

Gold spans are exact characters; the entities of a Doc are their nearest form on tokens.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan, char_spans
from spacy_deid.labels import shown_label


@dataclass(frozen=True, slots=True)
class Note:
    """One annotated document.

    ``id`` is unique in its corpus. ``group`` names the patient or source, whose notes a split keeps together.
    ``spans`` are characters of the untouched ``text``, sorted, without duplicates, possibly overlapping.
    """

    id: str
    group: str
    text: str
    spans: tuple[CharSpan, ...]


@dataclass
class ConversionReport:
    """Counts that are filled while notes are read and aligned.

    ``notes`` and ``spans`` are the numbers written; the other counts are of changes on the way.
    """

    notes: int = 0
    empty: int = 0  # notes of 0 characters: skipped
    characters: int = 0
    tokens: int = 0
    spans: int = 0
    widened: int = 0  # the span does not begin and end at token boundaries
    overlapping: int = 0  # in the gold, but not in doc.ents, because a longer span overlaps it
    duplicates: int = 0  # the same span twice in a note: dropped
    discontinuous: int = 0  # brat fragments: replaced by the span that covers them
    labels: Counter[str] = field(default_factory=Counter)
    unknown_labels: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts for a manifest or for printing; labels sorted by name."""
        counts = {name: value for name, value in vars(self).items() if isinstance(value, int)}
        return counts | {
            "labels": dict(sorted(self.labels.items())),
            "unknown_labels": dict(sorted(self.unknown_labels.items())),
        }


def to_doc(note: Note, tokenizer: Tokenizer, report: ConversionReport) -> Doc:
    """Return ``note`` as a Doc and add it to the counts.

    ``doc._.deid_gold`` holds every span as annotated. ``doc.ents`` holds the spans on tokens: widened if they begin or
    end within a token, without white space at both ends, and only the longest of overlapping ones.

    Args:
        note: A note.
        tokenizer: Tokenizer of the Doc.
        report: The counts.

    Raises:
        DeidError: A span is white space alone, which cannot be aligned to tokens.
    """
    doc = tokenizer(note.text)
    doc._.deid_id, doc._.deid_group = note.id, note.group
    doc._.deid_gold = [list(span) for span in note.spans]
    starts = [token.idx for token in doc]
    aligned = [_on_tokens(doc, starts, note, span, report) for span in note.spans]
    entities = filter_spans(aligned)
    doc.set_ents(entities)
    report.notes += 1
    report.characters += len(note.text)
    report.tokens += len(doc)
    report.spans += len(note.spans)
    report.overlapping += len(aligned) - len(entities)
    report.labels.update(shown_label(span.label) for span in note.spans)
    return doc


def _on_tokens(doc: Doc, starts: list[int], note: Note, span: CharSpan, report: ConversionReport) -> Span:
    # by bisection: Doc.char_span searches from the first token, which takes minutes for a note of 200,000 characters
    covered = note.text[span.start : span.end]
    start = span.start + len(covered) - len(covered.lstrip())
    end = span.end - len(covered) + len(covered.rstrip())
    if start >= end:
        raise DeidError(
            f"Note {note.id!r}: the span {span.start}-{span.end} ({shown_label(span.label)}) is white space alone. "
            "Remedy: remove it or correct its offsets."
        )
    aligned = Span(doc, bisect_right(starts, start) - 1, bisect_left(starts, end), label=span.label)
    report.widened += (aligned.start_char, aligned.end_char) != (start, end)
    return aligned


def to_note(doc: Doc) -> Note:
    """Return a Doc as a note, with its exact gold spans if it has them, or else its entities."""
    return Note(doc._.deid_id, doc._.deid_group, doc.text, tuple(sorted(set(char_spans(doc)))))
