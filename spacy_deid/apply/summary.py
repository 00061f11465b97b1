"""The counts and failures of a run of `apply`."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

_MOST_RANGES = 8
_MOST_REASONS = 20
_OFFSET = re.compile(r"(?<=character )\d+")  # differs from row to row; the first row's is kept
_OTHER = "other reasons, which are reported after the ones above are corrected"


class Failure(NamedTuple):
    """A document that was set aside, or all rows of a file that were set aside for the same reason.

    Attributes:
        document: Its id, without anything that may name a person.
        reason: The reason, without text.
        path: The input, for the holder of the originals. "" if it holds a redacted value.
        documents: The number of documents.
    """

    document: str
    reason: str
    path: str
    documents: int = 1


@dataclass(slots=True)
class _Rows:
    """Rows that failed for one reason: their number, and the first ranges of them."""

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
    """The failed documents of one file by reason; millions of rows take no more memory than a few."""

    _rows: dict[str, _Rows] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of documents."""
        return sum(rows.count for rows in self._rows.values())

    def add(self, failed: Iterable[tuple[int, str]]) -> None:
        """Add rows (0 for the file as a whole) with their reasons."""
        for row, reason in failed:
            kind = _OFFSET.sub("", reason)
            if kind not in self._rows and len(self._rows) >= _MOST_REASONS:
                kind = reason = _OTHER
            self._rows.setdefault(kind, _Rows(reason)).add(row)

    def by_reason(self, name: str, path: str) -> Iterator[Failure]:
        """Yield one failure for each reason; ``name`` and ``path`` are those of the file."""
        for rows in self._rows.values():
            place = f", {rows}" if rows.ranges != [(0, 0)] else ""
            yield Failure(f"{name}{place}", rows.reason, path and f"{path}{place}", rows.count)


@dataclass(slots=True)
class FileCounts:
    """Counts over documents of one file.

    Attributes:
        documents: The number of documents.
        redacted: Numbers of spans by category.
        unknown: Numbers of spans by label, for labels that are not in labels.toml.
        names_somebody: Whether the file's name holds a redacted value.
        named_folders: The depth of the outermost folder in the name up to which the path holds a redacted value, from
            1. 0 if no folder does.
    """

    documents: int = 0
    redacted: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    names_somebody: bool = False
    named_folders: int = 0

    def add(self, other: "FileCounts") -> None:
        """Add the counts of other documents of the same file."""
        self.documents += other.documents
        self.redacted = added([self.redacted, other.redacted])
        self.unknown = added([self.unknown, other.unknown])
        self.names_somebody |= other.names_somebody
        self.named_folders = min(filter(None, (self.named_folders, other.named_folders)), default=0)


@dataclass(slots=True)
class Summary:
    """Counts over a run, including the files that earlier runs had finished.

    Attributes:
        documents: The number of documents, including the failed ones.
        redacted: Numbers of spans by category.
        unknown: Numbers of spans by label, for labels that are not in labels.toml.
        failed: The documents that were not written.
        renamed: The number of files with a neutral name.
        outdated: The number of outputs of earlier runs that were removed.
        passed_over: The number of files without a document, see `spacy_deid.apply.inputs.holds_no_document`.
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
        """The number of failed documents."""
        return sum(failure.documents for failure in self.failed)

    def add(self, counts: FileCounts) -> None:
        """Add the counts of a file or of a part of one."""
        self.documents += counts.documents
        self.redacted.update(counts.redacted)
        self.unknown.update(counts.unknown)
        self.renamed += counts.names_somebody


def added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the sum of several counts, key by key."""
    return dict(sum(map(Counter, counts), Counter[str]()))
