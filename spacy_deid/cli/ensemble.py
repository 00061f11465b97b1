"""``deid ensemble``: several annotators as one that votes."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors


@app.command("ensemble")
def ensemble_cli(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for the pipeline.")],
    models: Annotated[list[Path], typer.Argument(metavar="MODEL...", help="Two or more trained pipelines.")],
    threshold: Annotated[float, typer.Option(help="Least share of votes that an entity needs.")] = 0.5,
    quiet: Quiet = False,
) -> None:
    """Put annotators, such as those of `deid split --folds`, together into one pipeline in which they vote.

    Each entity's score is its share of votes. configs/quick/generator_ensemble.cfg takes the pipeline in place of an
    annotator; deid_filter's min_agreement rejects notes in dispute.

    Example: python -m spacy deid ensemble training/es/ensemble training/es/folds/0/model-best
    training/es/folds/1/model-best training/es/folds/2/model-best
    """
    with reported_errors():
        from spacy_deid.annotate.ensemble import ensemble_of

        ensemble_of(models, threshold=threshold).to_disk(out)
        if not quiet:
            msg.good(f"{len(models)} annotators: {out}")
