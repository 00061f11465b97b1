"""`deid report`: models side by side on one HTML page."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors


@app.command("report")
def report(
    output: Annotated[Path, typer.Argument(help="HTML file to write; it refers to nothing outside itself.")],
    models: Annotated[list[str], typer.Argument(help="NAME=METRICS.json of each model; gaps are taken to the first.")],
    synthetic: Annotated[
        Path | None, typer.Option(help="Corpus file or folder of generated notes, to show a few of.")
    ] = None,
    examples: Annotated[int, typer.Option(min=0, help="Synthetic notes to show.")] = 3,
    quiet: Quiet = False,
) -> None:
    """Write a page for decision-makers: identifiers found and leaked, and the gap between models.

    Gaps come with paired bootstrap intervals, so all models must have been evaluated on the same gold file.

    Example: python -m spacy deid report reports/es/index.html gold=metrics/es/annotator.json
    synthetic=metrics/es/student.json --synthetic corpus/es/synthetic
    """
    with reported_errors():
        from spacy_deid.evaluate.report import html_report, synthetic_examples
        from spacy_deid.evaluate.run import read_contender, read_synthetic
        from spacy_deid.evaluate.table import gap_table
        from spacy_deid.files import write_text

        contenders = [read_contender(named) for named in models]
        shown = synthetic_examples(read_synthetic(synthetic), examples) if synthetic else []
        write_text(output, html_report(contenders, shown))
        if not quiet:
            typer.echo(gap_table(contenders))
            msg.good(f"Report: {output}")
