"""Scores a system on gold notes: a pipeline, or spans and Docs of another system."""

import time
from collections.abc import Collection, Sequence
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc
from tqdm import tqdm

from spacy_deid import labels
from spacy_deid.errors import DeidError
from spacy_deid.evaluate.breakdown import Row, breakdown, narrative
from spacy_deid.evaluate.measures import COLUMNS, MEASURES, ScoredNote, note_counts
from spacy_deid.extensions import CharSpan, char_spans
from spacy_deid.stats import Interval, intervals

Columns = dict[str, list[int]]
BATCH_SIZE = 16  # notes: a transformer pads and holds a batch at once


class Annotated(NamedTuple):
    """A text and the spans marked in it."""

    text: str
    spans: Collection[CharSpan]


class Evaluation(NamedTuple):
    """Scores with their 95 % intervals, over whole notes and their narrative middle; no text and no ids.

    ``per_note`` and ``narrative_per_note``: the counts behind the scores, in columns of one integer a note, in the
    order of the notes. Two evaluations of the same notes can be compared by these alone.
    """

    scores: dict[str, Interval]
    narrative: dict[str, Interval]
    labels: dict[str, Row]
    categories: dict[str, Row]
    per_note: Columns
    narrative_per_note: Columns


class Speed(NamedTuple):
    """Wall time of the whole pipeline, tokenizer and warm-up included; words are split at white space.

    ``characters``: the number of characters that the pipeline read.
    """

    seconds: float
    characters_per_second: float
    words_per_second: float
    characters: int


def evaluate_spans(gold: Sequence[Annotated], predicted: Sequence[Collection[CharSpan]], seed: int = 0) -> Evaluation:
    """Score spans on characters.

    Spans are compared by category, so either side may have the labels of a corpus.

    Args:
        gold: Gold notes with their marked spans.
        predicted: For each gold note, the spans that the system marked in its text.
        seed: Of the bootstrap.

    Returns:
        All measures, each in [0, 1], with 95 % intervals over notes.

    Raises:
        DeidError: No span is marked in any gold note.
    """
    notes = [
        ScoredNote(text, in_categories(marked), in_categories(found))
        for (text, marked), found in zip(gold, predicted, strict=True)
    ]
    if not any(note.gold for note in notes):
        raise DeidError(
            f"The gold has {len(notes)} notes and no marked span, so there is nothing to score against. "
            "Remedy: give an annotated corpus, as `deid convert` writes it."
        )
    per_note = _columns(notes)
    narrative_per_note = _columns([narrative(note) for note in notes])
    return Evaluation(
        scores=intervals(per_note, MEASURES, seed),
        narrative=intervals(narrative_per_note, MEASURES, seed),
        labels=breakdown(notes),
        categories=breakdown(notes, labels.category_of),
        per_note=per_note,
        narrative_per_note=narrative_per_note,
    )


def leave_out(docs: Sequence[Doc], categories: Collection[str]) -> None:
    """Remove the gold of categories that a pipeline leaves in the text by its settings."""
    for doc in docs if categories else ():
        doc._.deid_gold = [span for span in char_spans(doc) if labels.category_of(span.label) not in categories]


def evaluate_model(
    nlp: Language,
    docs: Sequence[Doc],
    seed: int = 0,
    quiet: bool = False,
    left: Collection[str] = (),
) -> tuple[Evaluation, Speed]:
    """Score a pipeline on the raw texts of gold Docs.

    Args:
        nlp: The pipeline.
        docs: Gold Docs.
        seed: Of the bootstrap.
        quiet: Whether to show no progress bar.
        left: Categories of which the pipeline's entities do not count, see `leave_out`.

    Returns:
        The scores, see `evaluate_spans`, and the pipeline's speed.

    Raises:
        DeidError: No span is marked in any gold note, or the pipeline did not read all characters.
    """
    gold = [Annotated(doc.text, char_spans(doc)) for doc in docs]
    predicted, speed = predict(nlp, [text for text, _ in gold], quiet)
    counted = [[span for span in found if labels.category_of(span.label) not in left] for found in predicted]
    return evaluate_spans(gold, counted, seed), speed


def predict(nlp: Language, texts: Sequence[str], quiet: bool = False) -> tuple[list[list[CharSpan]], Speed]:
    """Run a pipeline over raw texts.

    It never sees a gold Doc, so neither gold tokens nor gold entities can help it.

    Args:
        nlp: The pipeline.
        texts: The texts.
        quiet: Whether to show no progress bar.

    Returns:
        The entities of each text, on characters, and the pipeline's speed.

    Raises:
        DeidError: The pipeline did not read all characters, or changed a text.
    """
    start = time.perf_counter()
    docs = nlp.pipe(texts, batch_size=BATCH_SIZE)
    found = [
        Annotated(doc.text, [CharSpan(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents])
        for doc in tqdm(docs, total=len(texts), desc="evaluate", unit="note", disable=quiet)
    ]
    seconds = time.perf_counter() - start
    check_all_read(texts, [text for text, _ in found])
    characters = sum(map(len, texts))
    words = sum(len(text.split()) for text in texts)
    return [list(spans) for _, spans in found], Speed(seconds, characters / seconds, words / seconds, characters)


def check_all_read(given: Sequence[str], read: Sequence[str]) -> None:
    """Raise DeidError unless the texts that a pipeline read are those that it was given."""
    if list(given) == list(read):
        return
    raise DeidError(
        f"The pipeline read {sum(map(len, read))} of {sum(map(len, given))} characters in {len(read)} of {len(given)} "
        "notes, or changed the text, so its spans cannot be compared with the gold. "
        "Remedy: use a tokenizer that keeps every character, and no error handler that drops notes."
    )


def evaluate_docs(gold: Sequence[Doc], predicted: Sequence[Doc], seed: int = 0) -> Evaluation:
    """Score the Docs of another system, matched to the gold Docs by note id.

    Args:
        gold: Gold Docs, each with an id of its own.
        predicted: The system's Docs, of the same notes.
        seed: Of the bootstrap.

    Returns:
        The scores, see `evaluate_spans`.

    Raises:
        DeidError: A note is on one side only, has no id of its own, or differs in text.
    """
    of_gold, of_system = _by_id(gold, "gold"), _by_id(predicted, "predictions")
    lonely = sorted(of_gold.keys() ^ of_system.keys())
    if lonely:
        side = "gold" if lonely[0] in of_gold else "predictions"
        raise DeidError(
            f"{len(lonely)} notes are on one side only, first {lonely[0]!r} (in the {side}). "
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


def in_categories(spans: Collection[CharSpan]) -> frozenset[CharSpan]:
    """Return the spans with categories in place of the labels that labels.toml maps."""
    return frozenset(span._replace(label=labels.in_categories(span.label)) for span in spans)


def _by_id(docs: Sequence[Doc], side: str) -> dict[str, Doc]:
    by_id = {doc._.deid_id: doc for doc in docs}
    if len(by_id) < len(docs):
        raise DeidError(
            f"The {side} hold {len(docs)} notes but {len(by_id)} different ids. "
            "Remedy: give each note an id of its own (doc._.deid_id), as `deid convert` does."
        )
    return by_id


def _columns(notes: Sequence[ScoredNote]) -> Columns:
    counts = [note_counts(note) for note in notes]
    return {column: [of_note[column] for of_note in counts] for column in COLUMNS}
