"""What the formats with a document a row have in common."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spacy_deid.apply.formats.protocol import Part

MOST_ROWS = 200
MOST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class RowSettings:
    """columns: that hold text to redact. id_column, patient_column: give `Document.id` and `group`; "" for none."""

    columns: tuple[str, ...]
    id_column: str = ""
    patient_column: str = ""

    @property
    def named(self) -> set[str]:
        """The columns that must be there."""
        return {*self.columns, self.id_column, self.patient_column} - {""}


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
