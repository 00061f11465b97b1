"""What the formats with a document a row have in common."""

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
    """columns: that hold text to redact. id_column, patient_column: give `Document.id` and `group`; "" for none.

    identifiers: columns whose cells are identifiers as a whole, each with its label. A column within a nested value is
    named with dots: "meta.author.last". encoding: that of text files and tables, as Python calls it; "" for UTF-8.
    quoting: of CSV.
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
        """The columns that must be there, with the option that names each."""
        named = {
            **{column: "--identifier-column" for column, _ in self.identifiers},
            self.patient_column: "--patient-column",
            self.id_column: "--id-column",
            **dict.fromkeys(self.columns, "--column"),
        }
        return {column: option for column, option in named.items() if column}

    def check_columns(self, there: Set[str], about: str) -> None:
        """Raise DeidError with the columns that are not ``there``, each by the option that names it.

        about: what is known of the header. The names that are there are not shown: without a header they are a
        patient's.
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
    """A cell that is redacted: what is replaced of it, and the time of day that stays behind a date."""

    leaf: Leaf
    time: str = ""

    @classmethod
    def of(cls, text: str, label: str) -> "Cell":
        """Return a cell of a column with that label, see `Leaf`."""
        found = _DATE_AND_TIME.fullmatch(text) if category_of(label) == "DATE" else None
        return cls(Leaf(found["day"], label=label), found["time"]) if found else cls(Leaf(text, label=label))

    def written(self, leaf: str) -> str:
        """Return the cell with another leaf; what is no day has no time."""
        return leaf + self.time if self.time and _DAY.fullmatch(leaf) else leaf


def label_at(path: Sequence[str], labels: Mapping[str, str]) -> str | None:
    """Return the label of the column that a value within nested ones belongs to, or None where it is of no column.

    labels: as of `RowSettings.labels`. All that lies within a column belongs to it.
    """
    return next(
        (labels[name] for end in range(1, len(path) + 1) if (name := ".".join(path[:end])) in labels),
        None,
    )


def _without_case_and_space(name: str) -> str:
    return "".join(name.split()).casefold()


def in_parts(rows: Iterable[bytes]) -> Iterator[Part]:
    """Yield rows in a row, up to MOST_ROWS or just over MOST_BYTES at a time."""
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
