"""`deid mask` and `deid apply`: redaction of a note, of files and of folders."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from spacy_deid.cli.app import Point, Quiet, app, msg, reported_errors
from spacy_deid.errors import DeidError

if TYPE_CHECKING:
    from spacy_deid.apply.summary import Summary


@app.command("mask")
def mask_cli(
    model: Annotated[str, typer.Argument(help="An installed package such as deid_sv, or a pipeline's directory.")],
    note: Annotated[str, typer.Argument(help="A text file, or - for standard input.")],
    encoding: Annotated[str, typer.Option(help="Of the text where it is not UTF-8: cp1252, utf-16.")] = "",
) -> None:
    """Print a note with its identifiers masked: [NAME], [DATE].

    A pipeline that was packaged with another policy uses that one. Identifiers that it misses stay in the text.

    Example: python -m spacy deid mask deid_sv assets/sv/example.txt
    """
    with reported_errors():
        from spacy_deid.apply.formats.registry import file_format
        from spacy_deid.apply.settings import Settings
        from spacy_deid.pipelines import REDACT, load_pipeline

        data = sys.stdin.buffer.read() if note == "-" else Path(note).read_bytes()
        try:
            [document] = file_format(".txt", Settings(encoding=encoding).rows).open(data).documents
        except DeidError as error:
            raise DeidError(f"{note}: {error}") from None
        nlp = load_pipeline(model)
        if REDACT not in nlp.pipe_names:
            nlp.add_pipe(REDACT)
        typer.echo(nlp(document.text)._.deid_text)


STANDARD = Path("-")


@app.command("apply")
def apply_cli(
    model: Annotated[str, typer.Argument(help="An installed package such as deid_sv, or a pipeline's directory.")],
    source: Annotated[Path, typer.Argument(metavar="IN", help="A folder or a file; - for standard input.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Where to write; - for standard output.")],
    policy: Annotated[
        str | None, typer.Option(help="mask, index, surrogate, research, hipaa-safe-harbor, or a policy file.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="File with the key of surrogates, shifted dates and hashes.")] = None,
    scope: Annotated[
        Literal["document", "patient", "project"] | None,
        typer.Option(help="Where a value always gets the same replacement; patient and project need a key."),
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="Tables: a column that holds text; may be repeated. [default: text]")
    ] = None,
    id_column: Annotated[str, typer.Option(help="Tables: the column that names the document.")] = "",
    patient_column: Annotated[str, typer.Option(help="Tables: the column that names the patient.")] = "",
    identifier_column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=LABEL",
            help="Tables: a column that holds identifiers, such as surname=NAME or meta.birth_date=DATE; they are "
            "redacted as in the text. May be repeated.",
        ),
    ] = None,
    encoding: Annotated[
        str,
        typer.Option(help="Of text files and tables that are not UTF-8: cp1252, utf-16; written in the same encoding."),
    ] = "",
    quoting: Annotated[
        Literal["auto", "standard", "none"],
        typer.Option(help="CSV: none, quotes are ordinary characters; auto, an ambiguous quote is an error."),
    ] = "auto",
    operating_point: Point = "",
    processes: Annotated[int, typer.Option(min=1, help="Number of processes.")] = 1,
    neutral_names: Annotated[
        bool, typer.Option("--neutral-names", help="Give every output of a folder a neutral name.")
    ] = False,
    format: Annotated[str, typer.Option(help="Standard input: txt, csv, tsv, jsonl, json (FHIR) or docx.")] = "txt",
    quiet: Quiet = False,
) -> None:
    """Redact documents, check the outputs and write them.

    IN is a .txt, .docx or FHIR .json file (one document each), a .csv, .tsv, .jsonl or .parquet file (one document
    a row), or a folder of them. Originals are never changed. No redacted value is left in the output of its document.
    A document that cannot be read or checked is not written; it is named at the end, and the exit status is 1. After
    a kill the same command continues. Identifiers that the pipeline misses stay in the text.

    Examples:

    python -m spacy deid apply deid_sv notes redacted --policy surrogate --key deid.key --processes 4

    python -m spacy deid apply deid_sv notes.csv redacted.csv --column note --identifier-column surname=NAME

    cat note.txt | python -m spacy deid apply deid_sv - - > redacted.txt
    """
    with reported_errors():
        from spacy_deid.apply.run import apply
        from spacy_deid.apply.settings import Settings, identifier_columns
        from spacy_deid.apply.stream import apply_stream

        settings = Settings(
            policy=policy,
            key=key,
            scope=scope,
            columns=tuple(column or ["text"]),
            id_column=id_column,
            patient_column=patient_column,
            processes=processes,
            neutral_names=neutral_names,
            identifiers=identifier_columns(identifier_column or []),
            encoding=encoding,
            quoting=quoting,
            operating_point=operating_point,
        )
        if (source == STANDARD) != (out == STANDARD):
            message = "One of IN and OUT is -, but not the other. Remedy: - for both, or for none."
            raise DeidError(message)
        if source == STANDARD:
            summary = apply_stream(model, sys.stdin.buffer, sys.stdout.buffer, format, settings)
        else:
            summary = apply(model, source, out, settings, quiet=quiet)
        _print_summary(summary, "" if quiet or source == STANDARD else str(out))
        if summary.failed:
            raise typer.Exit(1)


def _print_summary(summary: "Summary", out: str) -> None:
    """Print the warnings and the failures and, unless ``out`` is "", the counts of what was written there."""
    for label, spans in sorted(summary.unknown.items()):
        typer.echo(f"⚠ {label} is not in labels.toml: {spans} spans, redacted as OTHER", err=True)
    if summary.outdated:
        typer.echo(f"⚠ {summary.outdated} outputs of inputs that changed or are gone were removed", err=True)
    if summary.passed_over:
        typer.echo(f"⚠ {summary.passed_over} files that Office or Windows left beside documents: not read", err=True)
    for failure in summary.failed:
        typer.echo(f"✘ {failure.path or failure.document}: {failure.reason}", err=True)
    if summary.failed:
        typer.echo(f"✘ {summary.not_written} of {summary.documents} documents were not written.", err=True)
    elif out:
        counts = ", ".join(f"{category} {spans}" for category, spans in sorted(summary.redacted.items()))
        msg.good(f"{out}: {summary.documents} documents, redacted: {counts or 'nothing'}")
