"""The counts of one note, and the measures that are shares of these counts.

A measure is an entry of measures.toml: a share of columns, with its title and meaning. A new measure of columns that
`note_counts` does not return needs a function here that counts them.

The span scores are those of the MEDDOCAN shared task (Marimon et al. 2019). Token-level F1 is the measure of Vakili et
al. 2025, micro-averaged over the tokens of identifiers. The other measures ignore labels and count readable characters.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spacy_deid.extensions import CharSpan
from spacy_deid.stats import Share

Stretch: TypeAlias = tuple[int, int]
Mask: TypeAlias = NDArray[np.bool_]  # one entry for each character of a text

# A run of letters and digits, or a single mark. Not a pipeline's tokenizer: all pipelines are counted in the same way.
_TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")


@dataclass(frozen=True)
class Measure(Share):
    """A share with its title and meaning for readers."""

    title: str
    meaning: str
    lower_is_better: bool = False


class ScoredNote(NamedTuple):
    """A text with its gold spans and those of a system; a duplicate counts once.

    If the text is the middle of a note, a predicted span may begin before it (a negative start) or end after it.
    """

    text: str
    gold: frozenset[CharSpan]
    predicted: frozenset[CharSpan]


def share(part: float, whole: float) -> float | None:
    """Return ``part / whole``; None if the whole is 0."""
    return part / whole if whole else None


class Counts(NamedTuple):
    """True positives, false positives (predictions without gold) and false negatives (gold without prediction)."""

    tp: int
    fp: int
    fn: int

    @classmethod
    def of(cls, gold: Set, predicted: Set) -> "Counts":
        """Count the common elements of two sets, and those of one set only."""
        return cls(len(gold & predicted), len(predicted - gold), len(gold - predicted))

    def plus(self, other: "Counts") -> "Counts":
        """Return the sum of both, count by count."""
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float | None:
        """Share of the predictions that are right; None without predictions."""
        return share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        """Share of the gold that was predicted; None without gold."""
        return share(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None if both sides are empty."""
        return share(2 * self.tp, 2 * self.tp + self.fp + self.fn)


class CharacterCounts(NamedTuple):
    """Non-space characters: gold ones found and missed, other ones redacted by mistake and left."""

    found: int
    missed: int
    over: int
    clear: int


def strict(note: ScoredNote) -> Counts:
    """Count spans that agree in start, end and label."""
    return Counts.of(note.gold, note.predicted)


def span_only(note: ScoredNote) -> Counts:
    """Count spans that agree in start and end, whatever their labels."""
    return Counts.of(_stretches(note.gold), _stretches(note.predicted))


def merged(note: ScoredNote) -> Counts:
    """Count spans whatever their labels, and however neighbours are cut or joined at spaces and punctuation.

    True positives are the stretches on which both sides agree, either as they are or after each side's neighbours are
    joined. False positives and negatives are the spans outside all such agreements.
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


def token_counts(note: ScoredNote) -> Counts:
    """Count (token, label) pairs; a token carries the label of each span that touches it."""
    tokens = [match.span() for match in _TOKEN.finditer(note.text)]
    return Counts.of(_labelled(tokens, note.gold), _labelled(tokens, note.predicted))


def character_counts(note: ScoredNote) -> CharacterCounts:
    """Count a note's non-space characters by gold and prediction, whatever the labels."""
    visible = _where(note.text, lambda character: not character.isspace())
    gold = _mask(note.text, note.gold) & visible
    predicted = _mask(note.text, note.predicted) & visible
    return CharacterCounts(
        found=int((gold & predicted).sum()),
        missed=int((gold & ~predicted).sum()),
        over=int((predicted & ~gold).sum()),
        clear=int((visible & ~gold & ~predicted).sum()),
    )


def leaks(note: ScoredNote) -> list[CharSpan]:
    """Return the gold spans with a letter or digit that no prediction covers; punctuation discloses nothing."""
    readable = _where(note.text, str.isalnum) & ~_mask(note.text, note.predicted)
    return [span for span in sorted(note.gold) if readable[span.start : span.end].any()]


AGREEMENTS: Mapping[str, Callable[[ScoredNote], Counts]] = {
    "strict": strict,
    "span": span_only,
    "merged": merged,
    "token": token_counts,
}


def note_counts(note: ScoredNote) -> dict[str, int]:
    """Count one note; the keys are the columns of the measures.

    A note without gold is neither hidden nor leaking: it has no identifier to hide.
    """
    counts: dict[str, int] = {}
    for name, agreement in AGREEMENTS.items():
        counts |= {f"{name}_{kind}": count for kind, count in agreement(note)._asdict().items()}
    return counts | hiding_counts(note)


def hiding_counts(note: ScoredNote) -> dict[str, int]:
    """Count one note, whatever the labels: the columns of characters, of leaked spans and of leaking notes."""
    leaked = len(leaks(note))
    return {
        **{f"characters_{kind}": count for kind, count in character_counts(note)._asdict().items()},
        "spans_leaked": leaked,
        "spans_hidden": len(note.gold) - leaked,
        "notes_leaking": int(leaked > 0),
        "notes_hidden": int(bool(note.gold) and not leaked),
    }


def _read() -> dict[str, Measure]:
    table = tomllib.loads(files("spacy_deid.evaluate").joinpath("measures.toml").read_text("utf8"))
    return {
        name: Measure(**entry | {"part": tuple(entry["part"]), "whole": tuple(entry["whole"])})
        for name, entry in table.items()
    }


MEASURES = _read()
COLUMNS: tuple[str, ...] = tuple(dict.fromkeys(column for measure in MEASURES.values() for column in measure.whole))


def _stretches(spans: Iterable[CharSpan]) -> set[Stretch]:
    return {(span.start, span.end) for span in spans}


def _outside(stretches: set[Stretch], agreed: set[Stretch]) -> int:
    return sum(not any(first <= start and end <= last for first, last in agreed) for start, end in stretches)


def _labelled(tokens: list[Stretch], spans: Iterable[CharSpan]) -> set[tuple[int, str]]:
    owner = {offset: number for number, (start, end) in enumerate(tokens) for offset in range(start, end)}
    return {(owner[offset], span.label) for span in spans for offset in range(span.start, span.end) if offset in owner}


def _where(text: str, condition: Callable[[str], bool]) -> Mask:
    return np.fromiter(map(condition, text), dtype=np.bool_, count=len(text))


def _mask(text: str, spans: Iterable[CharSpan]) -> Mask:
    mask = np.zeros(len(text), dtype=np.bool_)
    for span in spans:
        mask[max(span.start, 0) : span.end] = True
    return mask
