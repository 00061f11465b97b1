"""Command line of the attack on surrogates.

Example: python -m benchmarks.surrogates training/sv/student/model-best corpus/sv/test.spacy metrics/sv/surrogates.json
"""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.surrogates.study import evaluate_surrogates
from benchmarks.surrogates.table import surrogates_table
from spacy_deid.cli.app import Quiet, msg, reported_errors

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)  # a traceback with locals would print text


@app.command()
def main(
    model: Annotated[str, typer.Argument(help="Directory or package of a pipeline.")],
    gold: Annotated[Path, typer.Argument(help=".spacy file of annotated notes.")],
    output: Annotated[Path, typer.Argument(help="JSON file to write; it holds no text.")],
    draws: Annotated[int, typer.Option(min=1, help="Number of keys with which every note is redacted.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed of the keys and of the bootstrap.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Measure how many missed names, dates and places an attacker could distinguish from surrogates, under each policy.

    The attacker counts (how often a note has a value, whether it is in public lists, its form, its distance from other
    dates) and has learned from notes of the same kind what surrogates look like, but has no key. Also measured: the
    share of people who are still one person in the redacted note.
    """
    with reported_errors():
        result = evaluate_surrogates(model, gold, output, draws=draws, seed=seed, quiet=quiet)
        if not quiet:
            typer.echo(surrogates_table(result))
            msg.good(f"Surrogates: {output}")


if __name__ == "__main__":
    app(prog_name="python -m benchmarks.surrogates")
