"""The measures, each a share of counts, and the counting of one note."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from spacy_deid.evaluate.characters import character_counts, leaks
from spacy_deid.evaluate.note import ScoredNote
from spacy_deid.evaluate.spans import merged, span_only, strict
from spacy_deid.evaluate.tokens import token_counts


class Measure(NamedTuple):
    """Sum of the columns ``part`` over sum of the columns ``whole``; a column named twice counts twice."""

    part: tuple[str, ...]
    whole: tuple[str, ...]
    lower_is_better: bool = False


class Explanation(NamedTuple):
    """What a reader is told about a measure."""

    title: str
    meaning: str


def _agreement(name: str) -> dict[str, Measure]:
    tp, fp, fn = f"{name}_tp", f"{name}_fp", f"{name}_fn"
    return {
        f"{name}_precision": Measure((tp,), (tp, fp)),
        f"{name}_recall": Measure((tp,), (tp, fn)),
        f"{name}_f1": Measure((tp, tp), (tp, tp, fp, fn)),
    }


AGREEMENTS = {"strict": strict, "span": span_only, "merged": merged, "token": token_counts}
MEASURES: dict[str, Measure] = {
    "fully_redacted": Measure(("notes_hidden",), ("notes_hidden", "notes_leaking")),  # first what decides
    "leaked_spans": Measure(("spans_leaked",), ("spans_leaked", "spans_hidden"), lower_is_better=True),
    "character_recall": Measure(("characters_found",), ("characters_found", "characters_missed")),
    "over_redaction": Measure(("characters_over",), ("characters_over", "characters_clear"), lower_is_better=True),
    **{measure: columns for name in AGREEMENTS for measure, columns in _agreement(name).items()},
}
COLUMNS: tuple[str, ...] = tuple(dict.fromkeys(column for measure in MEASURES.values() for column in measure.whole))


def note_counts(note: ScoredNote) -> dict[str, int]:
    """Count one note; the keys are ``COLUMNS``.

    A note without gold is neither hidden nor leaking: there was nothing to hide in it.
    """
    counts: dict[str, int] = {}
    for name, agreement in AGREEMENTS.items():
        counts |= {f"{name}_{kind}": count for kind, count in agreement(note)._asdict().items()}
    counts |= {f"characters_{kind}": count for kind, count in character_counts(note)._asdict().items()}
    leaked = len(leaks(note))
    counts |= {"spans_leaked": leaked, "spans_hidden": len(note.gold) - leaked}
    counts |= {"notes_leaking": int(leaked > 0), "notes_hidden": int(bool(note.gold) and not leaked)}
    return counts


@cache
def explanations() -> dict[str, Explanation]:
    """Return title and plain meaning of each measure, in the order of ``MEASURES``."""
    table = tomllib.loads(files("spacy_deid.evaluate").joinpath("measures.toml").read_text("utf8"))
    return {name: Explanation(**table[name]) for name in MEASURES}
