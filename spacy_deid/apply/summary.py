"""What a run of `apply` comes to."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

_MOST_RANGES = 8
_MOST_REASONS = 20
_OFFSET = re.compile(r"(?<=character )\d+")  # differs from row to row; it is that of the first
_OTHER = "other reasons, which are told once the ones above are mended"


class Failure(NamedTuple):
    """A document that was set aside, or the rows of a file that were for the same reason.

    document: its id, without anything that may name a person. path: the input, for the holder of the originals; "" if
    it holds a redacted value. documents: how many they are.
    """

    document: str
    reason: str
    path: str
    documents: int = 1


@dataclass(slots=True)
class _Rows:
    """Rows that failed for one reason, in their order: how many, and the first stretches of them."""

    reason: str
    count: int = 0
    ranges: list[tuple[int, int]] = field(default_factory=list)

    def add(self, row: int) -> None:
        self.count += 1
        if self.ranges and self.ranges[-1][1] == row - 1:
            self.ranges[-1] = self.ranges[-1][0], row
        elif len(self.ranges) < _MOST_RANGES:
            self.ranges.append((row, row))

    def __str__(self) -> str:
        shown = ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in self.ranges)
        left = self.count - sum(last - first + 1 for first, last in self.ranges)
        return f"row{'s' * (self.count > 1)} {shown}{f' and {left:,} more' * (left > 0)}"


@dataclass(slots=True)
class Failures:
    """Why documents of one file were set aside; a file of millions of rows takes no more room than one of a few."""

    _rows: dict[str, _Rows] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many documents they are."""
        return sum(rows.count for rows in self._rows.values())

    def add(self, failed: Iterable[tuple[int, str]]) -> None:
        """Add rows, 0 for the file as a whole, each with its reason."""
        for row, reason in failed:
            kind = _OFFSET.sub("", reason)
            if kind not in self._rows and len(self._rows) >= _MOST_REASONS:
                kind = reason = _OTHER
            self._rows.setdefault(kind, _Rows(reason)).add(row)

    def by_reason(self, name: str, path: str) -> Iterator[Failure]:
        """Yield one failure a reason. name, path: of the file as `Failure` has them."""
        for rows in self._rows.values():
            place = f", {rows}" if rows.ranges != [(0, 0)] else ""
            yield Failure(f"{name}{place}", rows.reason, path and f"{path}{place}", rows.count)


@dataclass(slots=True)
class FileCounts:
    """Counts over documents of one file.

    documents: how many there were. redacted: spans by category. unknown: spans by label, of labels that labels.toml
    lacks. names_somebody: whether the file's name holds a redacted value. named_folders: how many folders of the name,
    from the outermost on, it takes to hold one; 0: they hold none.
    """

    documents: int = 0
    redacted: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    names_somebody: bool = False
    named_folders: int = 0

    def add(self, other: "FileCounts") -> None:
        """Count other documents of the same file."""
        self.documents += other.documents
        self.redacted = added([self.redacted, other.redacted])
        self.unknown = added([self.unknown, other.unknown])
        self.names_somebody |= other.names_somebody
        self.named_folders = min(filter(None, (self.named_folders, other.named_folders)), default=0)


@dataclass(slots=True)
class Summary:
    """Counts over a run, what an earlier run had finished included.

    documents: all, the failed ones included. redacted: spans by category. unknown: spans by label, of labels that
    labels.toml lacks. renamed: files that got a neutral name. outdated: outputs of an earlier run that were removed.
    passed_over: files that hold no document, see `spacy_deid.apply.inputs.holds_no_document`.
    """

    documents: int = 0
    redacted: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    failed: list[Failure] = field(default_factory=list)
    renamed: int = 0
    outdated: int = 0
    passed_over: int = 0

    @property
    def not_written(self) -> int:
        """How many documents failed."""
        return sum(failure.documents for failure in self.failed)

    def add(self, counts: FileCounts) -> None:
        """Count a file or a part of one."""
        self.documents += counts.documents
        self.redacted.update(counts.redacted)
        self.unknown.update(counts.unknown)
        self.renamed += counts.names_somebody


def added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the sums of several counts, by what they count."""
    return dict(sum(map(Counter, counts), Counter[str]()))
