"""`deid evaluate-names`: name recall by origin and gender."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors
from spacy_deid.cli.gpu import use_gpu


@app.command("evaluate-names")
def evaluate_names(
    model: Annotated[str, typer.Argument(help="Directory or package of a pipeline.")],
    names: Annotated[Path, typer.Argument(help="TOML: for each origin the lists f, m (first names) and last.")],
    frames: Annotated[
        Path, typer.Argument(help="Sentences, one a line, with {first}, {last}, {full} or {first_gen} in each.")
    ],
    output: Annotated[Path, typer.Argument(help="JSON file to write; it holds no names.")],
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", min=-1, help="GPU to run on; -1 for the CPU.")] = -1,
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Measure how many names a model hides, by their origin and gender, with 95 % intervals over names.

    Every first name is put into every sentence. Use names that are not in the training data.

    Example: python -m spacy deid evaluate-names training/sv/student/model-best assets/sv/unseen_names.toml
    assets/sv/unseen_frames.txt metrics/sv/names.json
    """
    with reported_errors():
        from spacy_deid.evaluate.names import evaluate_names_file
        from spacy_deid.evaluate.table import names_table

        use_gpu(gpu_id)
        result = evaluate_names_file(model, names, frames, output, seed=seed, quiet=quiet)
        if not quiet:
            typer.echo(names_table(result))
            msg.good(f"Name recall: {output}")
