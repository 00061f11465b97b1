"""Settings, cells and parts of the formats with one document a row."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from spacy_deid.apply.document import Leaf
from spacy_deid.apply.formats.csv_dialect import Quoting
from spacy_deid.apply.formats.protocol import Part
from spacy_deid.errors import DeidError
from spacy_deid.labels import category_of

_DAY = re.compile(r"(?:\d{4}-?\d\d-?\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{4})")
_DATE_AND_TIME = re.compile(rf"(?P<day>{_DAY.pattern})(?P<time>[T ]\d\d?:\d\d[\d:.,Z+\- ]*)")
MOST_ROWS = 200
MOST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class RowSettings:
    """The columns and the encoding of tables. A column in a nested value is named with dots: "meta.author.last".

    Attributes:
        columns: The columns that hold text.
        id_column: The column of `Document.id`. "" for none.
        patient_column: The column of `Document.group`. "" for none.
        identifiers: Pairs of a column whose cells are identifiers as a whole, and its label.
        encoding: Python's name of the encoding of text files and tables. "" for UTF-8.
        quoting: The quoting of CSV.
    """

    columns: tuple[str, ...]
    id_column: str = ""
    patient_column: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()
    encoding: str = ""
    quoting: Quoting = "auto"

    @property
    def labels(self) -> Mapping[str, str]:
        """The columns that are redacted, with the label of `Leaf`."""
        return {**dict.fromkeys(self.columns, ""), **dict(self.identifiers)}

    @property
    def options(self) -> Mapping[str, str]:
        """The required columns, each with its option."""
        named = {
            **{column: "--identifier-column" for column, _ in self.identifiers},
            self.patient_column: "--patient-column",
            self.id_column: "--id-column",
            **dict.fromkeys(self.columns, "--column"),
        }
        return {column: option for column, option in named.items() if column}

    def check_columns(self, there: Set[str], about: str) -> None:
        """Raise DeidError with the missing columns and their options.

        The names in ``there`` are not shown: in a file without a header they may be a patient's. ``about`` describes
        the header.
        """
        missing = [column for column in self.options if column not in there]
        if not missing:
            return
        named = " and ".join(f"no column {column!r} ({self.options[column]})" for column in missing)
        simplified = {_without_case_and_space(name) for name in there}
        hint = (
            "; one differs in case or white space alone"
            if any(_without_case_and_space(name) in simplified for name in missing)
            else ""
        )
        raise DeidError(f"there is {named}; {about}{hint}. Remedy: name the columns as the header does")

    def shown(self, column: str) -> str:
        """Return a column's name for a message where the settings name it, else nothing."""
        return f" {column!r}" if column in self.options else ""


class Cell(NamedTuple):
    """A redacted cell: the replaced text, and the time of day that is kept after a date."""

    leaf: Leaf
    time: str = ""

    @classmethod
    def of(cls, text: str, label: str) -> "Cell":
        """Return a cell of a column with that label, see `Leaf`."""
        found = _DATE_AND_TIME.fullmatch(text) if category_of(label) == "DATE" else None
        return cls(Leaf(found["day"], label=label), found["time"]) if found else cls(Leaf(text, label=label))

    def written(self, leaf: str) -> str:
        """Return the cell with another leaf; the time is kept only after a day."""
        return leaf + self.time if self.time and _DAY.fullmatch(leaf) else leaf


def label_at(path: Sequence[str], labels: Mapping[str, str]) -> str | None:
    """Return the label of the column that holds the value at ``path``, or None; ``labels`` is `RowSettings.labels`."""
    return next(
        (labels[name] for end in range(1, len(path) + 1) if (name := ".".join(path[:end])) in labels),
        None,
    )


def _without_case_and_space(name: str) -> str:
    return "".join(name.split()).casefold()


def in_parts(rows: Iterable[bytes]) -> Iterator[Part]:
    """Yield the rows in parts of up to MOST_ROWS, or just over MOST_BYTES."""
    part: list[bytes] = []
    size = 0
    for row in rows:
        part.append(row)
        size += len(row)
        if len(part) >= MOST_ROWS or size >= MOST_BYTES:
            yield len(part), b"".join(part)
            part, size = [], 0
    if part:
        yield len(part), b"".join(part)
