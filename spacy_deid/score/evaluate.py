"""Every score of a system on gold notes."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan, char_spans
from spacy_deid.labels import category_of, in_categories
from spacy_deid.score.bootstrap import Interval, intervals
from spacy_deid.score.breakdown import Row, breakdown
from spacy_deid.score.measures import COLUMNS, note_counts
from spacy_deid.score.narrative import narrative
from spacy_deid.score.note import ScoredNote
from spacy_deid.score.predict import Speed, predict

PerNote = dict[str, list[int]]


class Annotated(NamedTuple):
    """A text and what was marked in it."""

    text: str
    spans: Collection[CharSpan]


class Evaluation(NamedTuple):
    """Scores with their 95 % intervals, over whole notes and their narrative middle; no text and no ids.

    ``per_note`` and ``narrative_per_note``: the counts behind them, a column of one integer per note, in the
    order of the notes; two evaluations of the same notes can be compared from these alone.
    """

    scores: dict[str, Interval]
    narrative: dict[str, Interval]
    labels: dict[str, Row]
    categories: dict[str, Row]
    per_note: PerNote
    narrative_per_note: PerNote


def evaluate_spans(gold: Sequence[Annotated], predicted: Sequence[Collection[CharSpan]], seed: int = 0) -> Evaluation:
    """Score spans on characters: ``predicted[i]`` was marked in ``gold[i].text``.

    Both sides are compared by category: either may have the labels of a corpus. ``seed``: of the bootstrap. Raises
    DeidError when no span is marked in any gold note.
    """
    notes = [
        ScoredNote(text, _in_categories(marked), _in_categories(found))
        for (text, marked), found in zip(gold, predicted, strict=True)
    ]
    if not any(note.gold for note in notes):
        raise DeidError(
            f"The gold holds {len(notes)} notes and no marked span, so there is nothing to score against. "
            "Remedy: give an annotated corpus, as `deid convert` writes it."
        )
    per_note = _columns(notes)
    narrative_per_note = _columns([narrative(note) for note in notes])
    return Evaluation(
        scores=intervals(per_note, seed),
        narrative=intervals(narrative_per_note, seed),
        labels=breakdown(notes),
        categories=breakdown(notes, category_of),
        per_note=per_note,
        narrative_per_note=narrative_per_note,
    )


def evaluate_model(nlp: Language, docs: Sequence[Doc], seed: int = 0, quiet: bool = False) -> tuple[Evaluation, Speed]:
    """Score a pipeline on gold Docs, run over their raw texts; see `evaluate_spans`."""
    gold = [Annotated(doc.text, char_spans(doc)) for doc in docs]
    predicted, speed = predict(nlp, [text for text, _ in gold], quiet)
    return evaluate_spans(gold, predicted, seed), speed


def evaluate_docs(gold: Sequence[Doc], predicted: Sequence[Doc], seed: int = 0) -> Evaluation:
    """Score another system's Docs, matched to the gold ones by note id.

    Raises DeidError when a note stands on one side only, has no id of its own, or differs in text.
    """
    of_gold, of_system = _by_id(gold, "gold"), _by_id(predicted, "predictions")
    lonely = sorted(of_gold.keys() ^ of_system.keys())
    if lonely:
        side = "gold" if lonely[0] in of_gold else "predictions"
        raise DeidError(
            f"{len(lonely)} notes stand on one side only, first {lonely[0]!r} (in the {side}). "
            "Remedy: give the predictions for exactly the notes of the gold."
        )
    for name, doc in of_gold.items():
        if doc.text != of_system[name].text:
            raise DeidError(
                f"Note {name!r} has different texts in gold and predictions, so offsets do not match. "
                "Remedy: predict on the untouched texts of the gold."
            )
    return evaluate_spans(
        [Annotated(doc.text, char_spans(doc)) for doc in of_gold.values()],
        [char_spans(of_system[name]) for name in of_gold],
        seed,
    )


def _in_categories(spans: Collection[CharSpan]) -> frozenset[CharSpan]:
    return frozenset(span._replace(label=in_categories(span.label)) for span in spans)


def _by_id(docs: Sequence[Doc], side: str) -> dict[str, Doc]:
    by_id = {doc._.deid_id: doc for doc in docs}
    if len(by_id) < len(docs):
        raise DeidError(
            f"The {side} hold {len(docs)} notes but {len(by_id)} different ids. "
            "Remedy: give each note an id of its own (doc._.deid_id), as `deid convert` does."
        )
    return by_id


def _columns(notes: Sequence[ScoredNote]) -> PerNote:
    counts = [note_counts(note) for note in notes]
    return {column: [of_note[column] for of_note in counts] for column in COLUMNS}
