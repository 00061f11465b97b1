"""``deid mask``: a look at what a pipeline finds."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import app, reported_errors
from spacy_deid.errors import DeidError


@app.command("mask")
def mask_cli(
    model: Annotated[str, typer.Argument(help="An installed package such as deid_sv, or a pipeline's directory.")],
    note: Annotated[str, typer.Argument(help="A text file, or - for what comes in.")],
    encoding: Annotated[str, typer.Option(help="Of the text where it is not UTF-8: cp1252, utf-16.")] = "",
) -> None:
    """Print a note without the identifiers that the pipeline finds: [NAME], [DATE] unless it was packaged otherwise.

    What it misses stays in the text.

    Example: python -m spacy deid mask deid_sv assets/sv/example.txt
    """
    with reported_errors():
        from spacy_deid.apply.formats.registry import file_format
        from spacy_deid.apply.settings import Settings
        from spacy_deid.pipelines import load_pipeline

        data = sys.stdin.buffer.read() if note == "-" else Path(note).read_bytes()
        try:
            [document] = file_format(".txt", Settings(encoding=encoding).rows).open(data).documents
        except DeidError as error:
            raise DeidError(f"{note}: {error}") from None
        nlp = load_pipeline(model)
        if "deid_redact" not in nlp.pipe_names:
            nlp.add_pipe("deid_redact")
        typer.echo(nlp(document.text)._.deid_text)
