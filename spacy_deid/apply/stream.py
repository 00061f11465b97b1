"""`apply` from standard input to standard output: no files, no manifest, no resume."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from spacy.language import Language

from spacy_deid.apply.formats.protocol import Table
from spacy_deid.apply.formats.registry import FILES, TABLES, check_installed, file_format, not_read, table_format
from spacy_deid.apply.settings import Settings, redactor
from spacy_deid.apply.summary import Failures, Summary
from spacy_deid.apply.unit import HEADING, Outcome, Unit, process
from spacy_deid.errors import DeidError
from spacy_deid.pool import ordered

_NAME = "-"
_WANTS_A_FILE = ".parquet"  # its schema is at the end


def apply_stream(
    model: str | Path | Language, source: BinaryIO, target: BinaryIO, format: str, settings: Settings | None = None
) -> Summary:
    """Redact a stream: one document or, for a table, row after row as they arrive.

    Args:
        model: A loaded pipeline, the name of an installed package, or a pipeline's directory.
        source: The stream to read.
        target: The stream to write. Failed documents are left out.
        format: A suffix without its dot, such as "txt" or "jsonl".
        settings: The policy, key, scope and columns.

    Returns:
        The counts, and in ``failed`` the documents that were left out, each with its reason.

    Raises:
        DeidError: For wrong settings, for a table that cannot be read to its end, and for a column whose name holds a
            redacted value.
    """
    settings, suffix = settings or Settings(), f".{format}"
    if suffix == _WANTS_A_FILE or suffix not in (*FILES, *TABLES):
        raise DeidError(f"From standard input, {not_read(suffix)}, Parquet from files only.")
    rows = settings.rows
    check_installed({suffix})
    summary, failures = Summary(), Failures()
    with redactor(model, settings) as redact:
        if suffix in FILES:
            (outcome,) = process([Unit(_NAME, source.read(), file_format(suffix, rows))], redact)
            _count(outcome, summary, failures)
            target.write(outcome.data or b"")
        else:
            table = table_format(suffix, rows).open(source)
            outcomes = ordered(process, _units(table), redact, settings.processes)
            parts = _written((made for _, made in outcomes), summary, failures)
            # the heading is written after the first rows have shown that it holds no redacted value
            table.join(chain([next(parts, b"")], parts), target)
    target.flush()
    summary.failed += failures.by_reason(_NAME, _NAME)
    return summary


def _units(table: Table) -> Iterator[tuple[None, Sequence[Unit]]]:
    row = 1
    for rows, data in table.parts():
        yield None, [Unit(_NAME, data, table.format, row, heading=tuple(table.heading))]
        row += rows


def _written(batches: Iterator[Sequence[Outcome]], summary: Summary, failures: Failures) -> Iterator[bytes]:
    for (outcome,) in batches:
        if outcome.heading:
            raise DeidError(f"{_NAME}: {outcome.heading} {HEADING}")
        _count(outcome, summary, failures)
        yield outcome.data or b""


def _count(outcome: Outcome, summary: Summary, failures: Failures) -> None:
    summary.add(outcome.counts)
    failures.add(outcome.failed)
