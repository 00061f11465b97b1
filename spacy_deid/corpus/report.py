"""What happened to a corpus on its way: every note and span is accounted for."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class ConversionReport:
    """A tally, filled while notes are read and aligned.

    ``notes`` and ``spans`` are what was written; the other counts say what had to be done to get there.
    """

    notes: int = 0
    empty: int = 0  # notes of 0 characters: skipped
    characters: int = 0
    tokens: int = 0
    spans: int = 0
    widened: int = 0  # the span does not begin and end at token borders
    overlapping: int = 0  # in the gold, but not among doc.ents: a longer span takes the place
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
