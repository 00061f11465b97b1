"""`apply` from standard input to standard output: no files, no manifest, no resume."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from spacy.language import Language

from spacy_deid.apply.formats.protocol import Table
from spacy_deid.apply.formats.registry import FILES, TABLES, check_installed, not_read
from spacy_deid.apply.pool import ordered
from spacy_deid.apply.settings import Settings, load, redactor
from spacy_deid.apply.summary import Failure, Summary
from spacy_deid.apply.unit import Outcome, Unit, process
from spacy_deid.errors import DeidError

_NAME = "-"
_WANTS_A_FILE = ".parquet"  # its schema stands at the end


def apply_stream(
    model: str | Path | Language, source: BinaryIO, target: BinaryIO, format: str, settings: Settings | None = None
) -> Summary:
    """Redact what comes in, as one document or, of a table, row by row as it comes.

    format: a suffix without its dot, such as "txt" or "jsonl". A failed document is left out of ``target``; see
    `Summary.failed`. Raises DeidError for wrong settings and for a table that cannot be read to its end.
    """
    settings, suffix = settings or Settings(), f".{format}"
    if suffix == _WANTS_A_FILE or suffix not in (*FILES, *TABLES):
        raise DeidError(f"From standard input, {not_read(suffix)}, Parquet from files only.")
    check_installed({suffix})
    summary = Summary()
    with redactor(load(model), settings) as redact:
        if suffix in FILES:
            (outcome,) = process([Unit(_NAME, source.read(), FILES[suffix]())], redact)
            _count(outcome, summary)
            target.write(outcome.data or b"")
        else:
            table = TABLES[suffix](settings.rows).open(source)
            outcomes = ordered(process, _units(table), redact, settings.processes)
            table.join(_written((made for _, made in outcomes), summary), target)
    target.flush()
    return summary


def _units(table: Table) -> Iterator[tuple[None, Sequence[Unit]]]:
    row = 1
    for rows, data in table.parts():
        yield None, [Unit(_NAME, data, table.format, row)]
        row += rows


def _written(batches: Iterator[Sequence[Outcome]], summary: Summary) -> Iterator[bytes]:
    for (outcome,) in batches:
        _count(outcome, summary)
        yield outcome.data or b""


def _count(outcome: Outcome, summary: Summary) -> None:
    summary.add(outcome.documents, outcome.redacted, outcome.unknown)
    for row, reason in outcome.failed:
        document = f"{_NAME}, row {row}" if row else _NAME
        summary.failed.append(Failure(document, reason, document))
