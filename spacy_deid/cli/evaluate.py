"""`deid evaluate`: every score of one model on gold notes."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors
from spacy_deid.cli.gpu import use_gpu


@app.command("evaluate")
def evaluate(
    model: Annotated[
        str,
        typer.Argument(help="Directory or package of a pipeline, or a .spacy file of predictions made elsewhere."),
    ],
    gold: Annotated[Path, typer.Argument(help="Annotated notes, as `deid convert` writes them.")],
    output: Annotated[Path, typer.Argument(help="JSON file to write; it holds no text and no note ids.")],
    made: Annotated[
        str,
        typer.Option(help="How the gold came about, where it holds no real notes; every report then says so."),
    ] = "",
    model_alone: Annotated[
        bool, typer.Option("--model-alone", help="Leave out the pipeline's rules: what was learned, and no more.")
    ] = False,
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", min=-1, help="GPU to run on; -1 for the CPU.")] = -1,
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Measure how well a model finds identifiers, with 95 % intervals over notes, and how fast.

    Strict, span and merged scores are those of the MEDDOCAN shared task, on categories in place of labels; token
    scores are those of Vakili et al. 2025; character recall, leaked identifiers and fully redacted notes ignore
    categories. "Narrative" is the middle 70 % of a note. The model sees the raw texts only.

    Example: python -m spacy deid evaluate training/es/student/model-best corpus/es/test.spacy
    metrics/es/student.json
    """
    with reported_errors():
        from spacy_deid.score.run import evaluate_file
        from spacy_deid.score.table import metrics_table

        use_gpu(gpu_id)
        metrics = evaluate_file(model, gold, output, made=made, model_alone=model_alone, seed=seed, quiet=quiet)
        if not quiet:
            typer.echo(metrics_table(metrics))
            msg.good(f"Metrics: {output}")
