"""An input file that is being worked on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spacy_deid.apply.formats.protocol import Table
from spacy_deid.apply.summary import Failures
from spacy_deid.apply.unit import Unit


@dataclass(slots=True)
class Source:
    """What the units of a file come to.

    name: below IN. digest: SHA-256 of its bytes. key: by which the journal knows it. table: where it has rows. parts:
    the redacted ones, in order.
    failed: rows, or the file, by reason.
    names_somebody: whether a redacted value stands in its name; not known where ``is_read`` is False.
    named_folders: see `Outcome`.
    problem: why it cannot be read to its end.
    """

    name: str
    digest: str
    key: str
    table: Table | None = None
    parts: list[Path] = field(default_factory=list)
    documents: int = 0
    redacted: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    failed: Failures = field(default_factory=Failures)
    names_somebody: bool = False
    named_folders: int = 0
    is_read: bool = True
    problem: str = ""

    @property
    def path(self) -> str:
        """Its name where it may be shown, else nothing."""
        return "" if self.names_somebody else self.name

    def add(
        self,
        *,
        documents: int,
        redacted: Mapping[str, int],
        unknown: Mapping[str, int],
        failed: Sequence[tuple[int, str]] = (),
        names_somebody: bool,
        named_folders: int,
    ) -> None:
        """Count a unit of it."""
        self.documents += documents
        self.redacted.update(redacted)
        self.unknown.update(unknown)
        self.failed.add(failed)
        self.names_somebody |= names_somebody
        self.named_folders = min(filter(None, (self.named_folders, named_folders)), default=0)

    @property
    def named_folder(self) -> str:
        """The outermost of its folders whose path holds a redacted value, "" for none."""
        return "/".join(self.name.split("/")[: self.named_folders])


@dataclass(slots=True)
class Batch:
    """Units that go to a process together, what they are of, and the sources of which these were the last."""

    units: list[Unit] = field(default_factory=list)
    of: list[Source] = field(default_factory=list)
    ended: list[Source] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes to read."""
        return sum(len(unit.data) for unit in self.units)
