"""`deid review` and `deid agreement`: human review of annotations."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Point, Quiet, app, msg, reported_errors
from spacy_deid.corpus.convert import FORMATS


@app.command("review")
def review_cli(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="Documents, an output of apply, or a corpus: a folder or a file.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The HTML file to write; only you can read it.")],
    model: Annotated[
        str, typer.Option(help="Pipeline that annotates the notes first; the spans of IN are left out.")
    ] = "",
    operating_point: Point = "",
    sample: Annotated[int, typer.Option(min=0, help="Number of notes drawn at random; 0 for all.")] = 0,
    seed: Annotated[int, typer.Option(help="Another seed draws another sample.")] = 0,
    column: Annotated[
        list[str] | None, typer.Option(help="Tables: a column that holds text; may be repeated. [default: text]")
    ] = None,
    encoding: Annotated[
        str, typer.Option(help="Of text files and tables that are not UTF-8, such as cp1252 or utf-16.")
    ] = "",
    format: Annotated[str, typer.Option(help=f"Annotated corpora: {' | '.join(FORMATS)}. Detected unless given.")] = "",
    texts: Annotated[Path | None, typer.Option(help="For brat: folder of the .txt files, if not IN.")] = None,
    quiet: Quiet = False,
) -> None:
    """Write an offline HTML page for the review of annotations.

    Reviewers accept, reject, relabel and add spans, mostly by keyboard. IN is what `deid apply` reads or wrote (.txt,
    .docx, FHIR .json, .csv, .tsv, .jsonl, .parquet, or a folder of them), or an annotated corpus. The page fetches and
    sends nothing. It saves JSONL that `deid convert` reads; this command, or the page's own Load, continues from it.
    The page holds the notes: keep it where they are kept. A document that cannot be read is named, and the exit status
    is 1. With --model and a calibrated pipeline, the notes with the nearest misses come first.

    Examples:

    python -m spacy deid review notes review.html --model deid_sv --sample 50

    python -m spacy deid review redacted review.html --sample 50

    python -m spacy deid convert review.jsonl reviewed.spacy --lang sv
    """
    with reported_errors():
        from spacy_deid.apply.formats.rows import RowSettings
        from spacy_deid.files import write_text
        from spacy_deid.pipelines import REDACT, at_operating_point, load_pipeline
        from spacy_deid.review.documents import notes_of
        from spacy_deid.review.notes import annotate, nearest_misses_first
        from spacy_deid.review.page import review_page

        if out.suffix != ".html":
            raise typer.BadParameter(f"{out} is not an .html file. Name it .html.")
        rows = RowSettings(tuple(column or ["text"]), encoding=encoding)
        notes, failures = notes_of(source, rows, format=format, texts=texts, size=sample, seed=seed, quiet=quiet)
        if model:
            nlp = load_pipeline(model, exclude=[REDACT])
            with at_operating_point(nlp, operating_point):
                notes = nearest_misses_first(annotate(notes, nlp, quiet))
        write_text(out, review_page(notes))
        for failure in failures:
            typer.echo(f"✘ {failure.path}: {failure.reason}", err=True)
        if not quiet:
            msg.good(f"{len(notes)} notes to review: {out}")
        if failures:
            raise typer.Exit(1)


@app.command("agreement")
def agreement_cli(
    a: Annotated[Path, typer.Argument(metavar="A", help="One reviewer's file, in any format of `deid convert`.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another reviewer's file, of the same notes.")],
    output: Annotated[Path, typer.Argument(help="JSON file to write; it holds no text and no note ids.")],
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Measure the agreement of two reviewers.

    Prints Cohen's kappa and the F1 of spans, with 95 % intervals over notes. Kappa is over characters other than white
    space, each in a category or none; F1 counts spans of the same boundaries and category ("span F1": the same
    boundaries). Labels count as their categories.

    Example: python -m spacy deid agreement anna.jsonl bo.jsonl metrics/agreement.json
    """
    with reported_errors():
        from spacy_deid.review.agreement import agreement_of_files, agreement_table

        result = agreement_of_files(a, b, output, seed, quiet)
        if not quiet:
            typer.echo(agreement_table(result))
            msg.good(f"Agreement on {result['notes']} notes: {output}")
