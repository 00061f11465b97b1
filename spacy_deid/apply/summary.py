"""What a run of `apply` comes to."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Failure(NamedTuple):
    """A document that was set aside.

    document: its id, with nothing in it that may name somebody. path: the input, for who has it before them; empty
    where a redacted value stands in it.
    """

    document: str
    reason: str
    path: str


@dataclass(slots=True)
class Summary:
    """Counts over a run, what an earlier run had finished included.

    documents: all, the failed ones included. redacted: spans by category. unknown: spans by label, of labels that
    labels.toml lacks. renamed: files that got a neutral name. outdated: outputs of an earlier run that were removed.
    """

    documents: int = 0
    redacted: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    failed: list[Failure] = field(default_factory=list)
    renamed: int = 0
    outdated: int = 0

    def add(self, documents: int, redacted: Mapping[str, int], unknown: Mapping[str, int]) -> None:
        """Count a file or a part of one."""
        self.documents += documents
        self.redacted.update(redacted)
        self.unknown.update(unknown)
