"""Agreement of two reviewers on the same notes.

Cohen's kappa (Cohen 1960) is computed over characters other than white space, each in one class: a category, or none.
Characters need no tokenizer that both sides share, and boundaries within a word count as they are; longer identifiers
weigh more. Most characters are easy, and kappa includes them all; the F1 of spans (strict: boundaries and category)
does not count characters that neither side marked (Hripcsak & Rothschild 2005).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from wasabi.tables import table

from spacy_deid.corpus.convert import read_corpus
from spacy_deid.corpus.intake import Intake, UnknownLabel
from spacy_deid.corpus.note import Note, to_note
from spacy_deid.errors import DeidError
from spacy_deid.evaluate.measures import ScoredNote, span_only, strict
from spacy_deid.extensions import CharSpan
from spacy_deid.files import write_json
from spacy_deid.labels import categories, category_of
from spacy_deid.pages import figure
from spacy_deid.stats import Interval, Share, as_interval, intervals, totals

NONE = "(none)"


class Pair(NamedTuple):
    """A text and the spans that either side marked in it; labels are categories."""

    text: str
    a: tuple[CharSpan, ...]
    b: tuple[CharSpan, ...]


def pairs(a: Sequence[Note], b: Sequence[Note]) -> list[Pair]:
    """Return the notes of both sides by id; raises DeidError if a note is on one side only or differs in text."""
    of_a, of_b = ({note.id: note for note in side} for side in (a, b))
    alone = sorted(of_a.keys() ^ of_b.keys())
    if alone:
        raise DeidError(
            f"{len(alone)} notes are in one file only, {alone[0]!r} the first. "
            "Remedy: give the reviews of the same notes."
        )
    for name in of_a:
        if of_a[name].text != of_b[name].text:
            raise DeidError(f"Note {name!r} has another text in the second file. Remedy: review the same notes.")
    return [Pair(of_a[name].text, _categorised(of_a[name]), _categorised(of_b[name])) for name in of_a]


def agreement_of_files(a: Path, b: Path, output: Path, seed: int = 0, quiet: bool = False) -> dict[str, Any]:
    """Measure the agreement of two reviews, write and return the figures, see `agreement`.

    Args:
        a: Review of one person, in any format of `deid convert`.
        b: Review of another person, of the same notes.
        output: JSON file to write.
        seed: The seed of the bootstrap.
        quiet: Whether to show no progress bars.

    Raises:
        DeidError: The reviews are of different notes, or cannot be read.
    """
    sides = (read_corpus(path, Intake(UnknownLabel.keep), lang="xx", quiet=quiet) for path in (a, b))
    result = agreement(pairs(*([to_note(doc) for doc in docs] for docs in sides)), seed)
    write_json(output, result)
    return result


def agreement_table(result: Mapping[str, Any]) -> str:
    """Return kappa and strict F1 over all and by category, as lines of text."""
    rows = {"all": result, **result["categories"]}
    cells = [(name, figure(row["kappa"]), figure(row["strict_f1"])) for name, row in rows.items()]
    return table(cells, header=("category", "kappa", "strict F1"), divider=True)


def agreement(compared: Sequence[Pair], seed: int = 0) -> dict[str, Any]:
    """Return kappa and F1 over all and by category, with 95 % intervals over resampled notes; no text, no ids.

    A category that neither side used is left out; a score that is undefined is None.
    """
    names = [name for name in categories() if any(span.label == name for pair in compared for span in pair.a + pair.b)]
    confusions = np.array([confusion(pair, names) for pair in compared])
    return {
        "notes": len(compared),
        "characters": int(confusions.sum()),
        "unit": "characters other than white space; kappa over categories and none, F1 over spans",
        "kappa": _kappa(confusions, seed)._asdict(),
        "strict_f1": _f1([strict(_scored(pair)) for pair in compared], seed)._asdict(),
        "span_f1": _f1([span_only(_scored(pair)) for pair in compared], seed)._asdict(),
        "categories": {
            name: {
                "spans_a": sum(span.label == name for pair in compared for span in pair.a),
                "spans_b": sum(span.label == name for pair in compared for span in pair.b),
                "kappa": _kappa(_one_against_rest(confusions, number), seed)._asdict(),
                "strict_f1": _f1([strict(_scored(pair, name)) for pair in compared], seed)._asdict(),
            }
            for number, name in enumerate(names, start=1)
        },
    }


def confusion(pair: Pair, names: Sequence[str]) -> NDArray[np.int64]:
    """Count the characters other than white space by a's class (row) and b's (column); class 0 is none.

    Where spans of one side overlap, the longest has the character, as among a Doc's entities.
    """
    visible = np.fromiter((not character.isspace() for character in pair.text), np.bool_, len(pair.text))
    classes = [_classes(len(pair.text), spans, names)[visible] for spans in (pair.a, pair.b)]
    counts = np.zeros((len(names) + 1, len(names) + 1), dtype=np.int64)
    np.add.at(counts, tuple(classes), 1)
    return counts


def cohens_kappa(confusions: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return kappa of each square table in ``confusions`` (..., classes, classes); nan where chance agrees wholly."""
    whole = confusions.sum(axis=(-2, -1)).astype(np.float64)
    agreed = np.trace(confusions, axis1=-2, axis2=-1) * whole
    by_chance = (confusions.sum(axis=-1).astype(np.float64) * confusions.sum(axis=-2)).sum(axis=-1)
    room = whole**2 - by_chance
    return np.divide(agreed - by_chance, room, out=np.full(whole.shape, np.nan), where=room > 0)


def _categorised(note: Note) -> tuple[CharSpan, ...]:
    return tuple(sorted({CharSpan(start, end, category_of(label)) for start, end, label in note.spans}))


def _classes(length: int, spans: Sequence[CharSpan], names: Sequence[str]) -> NDArray[np.int64]:
    classes = np.zeros(length, dtype=np.int64)
    for start, end, label in sorted(spans, key=lambda span: (span.end - span.start, -span.start)):
        classes[start:end] = names.index(label) + 1
    return classes


def _one_against_rest(confusions: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    both = confusions[:, number, number]
    only_a, only_b = (confusions[:, number, :].sum(axis=-1) - both, confusions[:, :, number].sum(axis=-1) - both)
    neither = confusions.sum(axis=(-2, -1)) - both - only_a - only_b
    return np.stack([neither, only_b, only_a, both], axis=-1).reshape(-1, 2, 2)


def _kappa(confusions: NDArray[np.int64], seed: int) -> Interval:
    size = confusions.shape[-1]
    cells = {str(cell): confusions.reshape(-1, size**2)[:, cell].tolist() for cell in range(size**2)}
    observed, resampled = (np.stack(list(each.values()), axis=-1) for each in totals(cells, seed))
    return as_interval(*(cohens_kappa(table.reshape(-1, size, size)) for table in (observed, resampled)))


def _f1(counts: Sequence[tuple[int, int, int]], seed: int) -> Interval:
    columns = dict(zip(("tp", "fp", "fn"), (list(column) for column in zip(*counts, strict=True)), strict=True))
    return intervals(columns, {"f1": Share(("tp", "tp"), ("tp", "tp", "fp", "fn"))}, seed)["f1"]


def _scored(pair: Pair, category: str = "") -> ScoredNote:
    a, b = (frozenset(span for span in side if category in ("", span.label)) for side in (pair.a, pair.b))
    return ScoredNote(pair.text, a, b)
