"""Tables given to `apply` with the Swedish rules alone, and their output."""

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from spacy.language import Language

from spacy_deid.apply.run import apply
from spacy_deid.apply.settings import Settings
from spacy_deid.lang.tokenization import fine_blank


@cache
def rules() -> Language:
    """Return a pipeline that finds numbers, dates and the values of the caller's record."""
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    return nlp


@dataclass
class Outcome:
    """data: the output, None without one. failures: document and reason of each line on stderr."""

    data: bytes | None
    failures: list[tuple[str, str]]
    not_written: int

    @property
    def text(self) -> str:
        """The output, in UTF-8."""
        assert self.failures == []
        assert self.data is not None
        return self.data.decode("utf8")


def redacted(folder: Path, name: str, data: str | bytes, nlp: Language | None = None, **settings: Any) -> Outcome:
    """Apply the rules to a file of that name."""
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / name).write_bytes(data.encode("utf8") if isinstance(data, str) else data)
    summary = apply(nlp or rules(), folder / "in", folder / "out", Settings(**settings), quiet=True)
    written = folder / "out" / name
    failures = [(failure.document, failure.reason) for failure in summary.failed]
    return Outcome(written.read_bytes() if written.exists() else None, failures, summary.not_written)


def parquet_bytes(**columns: Any) -> bytes:
    """Return a Parquet file of the columns."""
    stream = io.BytesIO()
    parquet.write_table(pa.table(columns), stream)
    return stream.getvalue()


def parquet_rows(data: bytes | None) -> list[dict[str, Any]]:
    """Return the rows of a Parquet file."""
    assert data is not None
    rows: list[dict[str, Any]] = parquet.read_table(io.BytesIO(data)).to_pylist()
    return rows
