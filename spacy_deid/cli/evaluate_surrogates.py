"""`deid evaluate-surrogates`: what each policy of surrogates hides, and what it costs."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors


@app.command("evaluate-surrogates")
def evaluate_surrogates(
    model: Annotated[str, typer.Argument(help="Directory or package of a pipeline.")],
    gold: Annotated[Path, typer.Argument(help=".spacy file of annotated notes.")],
    output: Annotated[Path, typer.Argument(help="JSON file to write; it holds no text.")],
    draws: Annotated[int, typer.Option(min=1, help="Keys that every note is redacted with.")] = 10,
    seed: Annotated[int, typer.Option(help="Of the keys and the bootstrap.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Measure how many missed names, dates and places an attacker could tell from surrogates, under each policy.

    The attacker counts (how often a value stands in the note, whether it is in public lists, in which form, how dates
    lie) and has learned from notes of the same kind what surrogates look like, but has no key. Also: the share of
    people who are still one person in the redacted note.

    Example: python -m spacy deid evaluate-surrogates training/sv/student/model-best corpus/sv/test.spacy
    metrics/sv/surrogates.json
    """
    with reported_errors():
        from spacy_deid.study.surrogates import evaluate_surrogates as evaluate
        from spacy_deid.study.surrogates_table import surrogates_table

        result = evaluate(model, gold, output, draws=draws, seed=seed, quiet=quiet)
        if not quiet:
            typer.echo(surrogates_table(result))
            msg.good(f"Surrogates: {output}")
