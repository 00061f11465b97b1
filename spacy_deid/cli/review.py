"""``deid review``: a page on which people check what a pipeline found."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors
from spacy_deid.corpus.convert import FORMATS
from spacy_deid.corpus.intake import Intake, UnknownLabel


@app.command("review")
def review_cli(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Corpus: a folder (brat, markup) or a file.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The HTML file to write; readable by you only.")],
    model: Annotated[
        str, typer.Option(help="Pipeline that marks the notes first; spans that IN brings are left out.")
    ] = "",
    format: Annotated[
        str, typer.Option(help=f"Format of IN: {' | '.join(FORMATS)}. By IN's suffix unless given.")
    ] = "",
    texts: Annotated[Path | None, typer.Option(help="For brat: folder of the .txt files, if not IN.")] = None,
    quiet: Quiet = False,
) -> None:
    """Write one offline HTML page on which people accept, reject, relabel and add spans, mostly by keyboard.

    The page fetches and sends nothing. What it saves is JSONL that `deid convert` reads, and that this command, or
    the page's own Load, takes again to go on. The page holds the notes: keep it where they are kept.

    Examples:

    python -m spacy deid review notes.jsonl review.html --model deid_sv

    python -m spacy deid convert review.jsonl reviewed.spacy --lang sv
    """
    with reported_errors():
        from spacy_deid.files import write_text
        from spacy_deid.review.notes import annotate, read_notes
        from spacy_deid.review.page import review_page
        from spacy_deid.score.run import load_model

        if out.suffix != ".html":
            raise typer.BadParameter(f"{out} is to be a page. Name it .html.")
        # an unknown label is shown and can be corrected on the page
        intake = Intake(unknown_label=UnknownLabel.keep)
        notes = read_notes(source, intake, format=format, texts=texts, quiet=quiet)
        if model:
            nlp = load_model(model)
            nlp.select_pipes(disable=[name for name in nlp.pipe_names if name == "deid_redact"])
            notes = annotate(notes, nlp, quiet)
        write_text(out, review_page(notes))
        if not quiet:
            msg.good(f"{len(notes)} notes to review: {out}")
