"""``deid agreement``: agreement of two reviewers."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors


@app.command("agreement")
def agreement_cli(
    a: Annotated[Path, typer.Argument(metavar="A", help="One person's review, in any format of `deid convert`.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another's, of the same notes.")],
    output: Annotated[Path, typer.Argument(help="JSON file to write; it holds no text and no note ids.")],
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Measure the agreement of two reviewers: Cohen's kappa and the F1 of spans, with 95 % intervals over notes.

    Kappa is over characters other than white space, each in a category or none; F1 counts spans of the same
    boundaries and category ("span F1": the same boundaries). Labels count as their categories.

    Example: python -m spacy deid agreement anna.jsonl bo.jsonl metrics/agreement.json
    """
    with reported_errors():
        from spacy_deid.review.agreement import agreement_of_files, agreement_table

        result = agreement_of_files(a, b, output, seed, quiet)
        if not quiet:
            typer.echo(agreement_table(result))
            msg.good(f"Agreement on {result['notes']} notes: {output}")
