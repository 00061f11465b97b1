"""Notes for reviewers: spans with their sources and decisions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from spacy.language import Language
from spacy.tokens import Doc
from tqdm import tqdm

from spacy_deid.annotate.token_ner import CANDIDATES
from spacy_deid.corpus.convert import format_name, read_corpus
from spacy_deid.corpus.formats import docbin, jsonl
from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.note import Note, to_note
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.labels import category_of, in_categories
from spacy_deid.pipelines import left_categories

BATCH_SIZE = 16  # notes: a transformer pads a batch and holds it at once

MISS = "near miss"  # the source of a candidate below the operating point
Decision = Literal["open", "accepted", "relabelled", "added", "rejected"]


class ReviewSpan(NamedTuple):
    """Characters ``start`` to ``end`` (exclusive), their source, its score (0 to 1), and the reviewer's decision."""

    start: int
    end: int
    label: str
    source: str = ""
    score: float | None = None
    decision: Decision = "open"


@dataclass(frozen=True, slots=True)
class ReviewNote:
    """A note under review; ``done`` after somebody has read all of it."""

    id: str
    group: str
    text: str
    spans: tuple[ReviewSpan, ...]
    done: bool = False


def read_notes(
    source: Path, intake: Intake, *, format: str = "", texts: Path | None = None, quiet: bool = False
) -> list[ReviewNote]:
    """Return the notes of a corpus with the sources and scores of their spans, and the decisions of a saved review.

    Args:
        source: Corpus in any format that `deid convert` reads, or a review that the page saved.
        intake: The reading of labels and groups.
        format: Name of the format; detected unless given.
        texts: For brat: folder of the .txt files, if not ``source``.
        quiet: Whether to show no progress bar.

    Raises:
        DeidError: The corpus cannot be read.
    """
    name = format_name(source, format)
    if not source.exists() or name not in ("docbin", "jsonl"):
        return [
            _unsourced(to_note(doc))
            for doc in read_corpus(source, intake, format=name, lang="xx", texts=texts, quiet=quiet)
        ]
    notes = _of_docs(source, intake) if name == "docbin" else _of_records(source, intake)
    return list(tqdm(notes, desc=f"read {source.name}", unit=" notes", disable=quiet))


def annotate(notes: Iterable[ReviewNote], nlp: Language, quiet: bool = False) -> list[ReviewNote]:
    """Return the notes with the spans of a pipeline in place of their own.

    A calibrated pipeline's candidates outside its entities are rejected spans with the source "near miss": the reviewer
    can accept them.

    Args:
        notes: The notes.
        nlp: The pipeline.
        quiet: Whether to show no progress bar.
    """
    notes, left = list(notes), left_categories(nlp)
    docs = nlp.pipe((note.text for note in notes), batch_size=BATCH_SIZE)
    progress = tqdm(docs, total=len(notes), desc="annotate", unit=" notes", disable=quiet)
    return [
        replace(note, done=False, spans=(*_sourced(to_note(doc).spans, doc, "model"), *_near_misses(doc, left)))
        for note, doc in zip(notes, progress, strict=True)
    ]


def nearest_misses_first(notes: Iterable[ReviewNote]) -> list[ReviewNote]:
    """Return the notes by the score of their nearest miss, the highest first; those without one come last."""
    return sorted(
        notes, key=lambda note: -max((span.score or 0 for span in note.spans if span.source == MISS), default=0)
    )


def _near_misses(doc: Doc, left: frozenset[str]) -> Iterator[ReviewSpan]:
    """Yield the candidates that touch no entity and no more probable candidate; ``left``: categories not sought."""
    taken = {token.i for ent in doc.ents for token in ent}
    candidates = [span for span in doc.spans.get(CANDIDATES, []) if category_of(span.label_) not in left]
    for span in sorted(candidates, key=lambda span: -span._.deid_score):
        if taken.isdisjoint(range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            label = in_categories(span.label_)
            yield ReviewSpan(span.start_char, span.end_char, label, MISS, span._.deid_score, "rejected")


def _unsourced(note: Note) -> ReviewNote:
    return ReviewNote(note.id, note.group, note.text, tuple(ReviewSpan(*span) for span in note.spans))


def _of_docs(path: Path, intake: Intake) -> Iterator[ReviewNote]:
    for note, doc in docbin.read_with_docs(path, intake):
        yield ReviewNote(note.id, note.group, note.text, tuple(_sourced(note.spans, doc)))


def _sourced(spans: Iterable[CharSpan], doc: Doc, unnamed: str = "") -> Iterator[ReviewSpan]:
    entities = {(ent.start_char, ent.end_char, in_categories(ent.label_)): ent for ent in doc.ents}
    for start, end, label in spans:
        span = CharSpan(start, end, in_categories(label))
        entity = entities.get(span)
        if entity is None:
            yield ReviewSpan(*span)
        else:
            yield ReviewSpan(*span, entity._.deid_source or unnamed, entity._.deid_score)


def _of_records(path: Path, intake: Intake) -> Iterator[ReviewNote]:
    for note, record in jsonl.read_with_records(path, intake):
        where = f"{path}, note {note.id!r}"
        try:
            kept = {CharSpan(*span[:3]): span for span in map(_span, record["spans"])}
            rejected = [_span(entry)._replace(decision="rejected") for entry in record.get("rejected", [])]
            done = record.get("done") is True
        except (KeyError, TypeError, ValueError):
            raise DeidError(
                f"{where}: its decisions are not in the review page's format. Remedy: save it again."
            ) from None
        for span in rejected:
            intake.span(*span[:3], length=len(note.text), where=where)
        spans = sorted([*(kept[span] for span in note.spans), *rejected], key=lambda span: span[:3])
        yield ReviewNote(note.id, note.group, note.text, tuple(spans), done)


def _span(entry: dict[str, Any]) -> ReviewSpan:
    """Return a span of a record; raises KeyError, TypeError or ValueError if it is malformed."""
    span = ReviewSpan(
        entry["start"],
        entry["end"],
        in_categories(entry["label"]),
        entry.get("source") or "",
        entry.get("score"),
        entry.get("decision", "open"),
    )
    scored = span.score is None or (isinstance(span.score, int | float) and 0 <= span.score <= 1)
    whole = type(span.start) is int and type(span.end) is int and isinstance(span.label, str)
    if not (whole and scored and isinstance(span.source, str) and span.decision in get_args(Decision)):
        msg = "not a span"
        raise ValueError(msg)
    return span
