"""``deid generate``: seed Docs to a synthetic corpus."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors
from spacy_deid.cli.gpu import use_gpu


@app.command("generate")
def generate_cli(
    pipeline: Annotated[Path, typer.Argument(help="Pipeline made by `spacy assemble` from a generator.cfg.")],
    seeds: Annotated[Path, typer.Argument(help="Corpus file made by `deid seed`.")],
    output: Annotated[Path, typer.Argument(help="Folder for the shards, manifest, train.spacy and dev.spacy.")],
    shard_size: Annotated[int, typer.Option(help="Notes a shard: what a kill can cost at most.")] = 256,
    replace_outdated: Annotated[
        bool, typer.Option("--replace-outdated", help="Begin a folder anew that was begun with other inputs.")
    ] = False,
    gpu_id: Annotated[
        int,
        typer.Option("--gpu-id", "-g", min=-1, help="GPU for the annotator, -1 for CPU; the LM's is in the config."),
    ] = -1,
    quiet: Quiet = False,
) -> None:
    """Write synthetic notes, annotate and filter them.

    Stop it and start it again as you like: finished shards are kept, and the corpus ends up the same. A note
    that a component fails on is set aside by its id; once the others are done, the exit status is then 1, and
    the next run makes its shard again.

    Example: python -m spacy deid generate training/es/generator corpus/es/seeds.spacy corpus/es/synthetic
    """
    with reported_errors(extra="generate"):
        from spacy_deid.errors import DeidError
        from spacy_deid.generate.run import generate

        use_gpu(gpu_id)
        summary = generate(
            pipeline, seeds, output, shard_size=shard_size, replace_outdated=replace_outdated, quiet=quiet
        )
        if not quiet:
            msg.good(f"{summary.train} notes to train on, {summary.dev} for early stopping: {output}")
            if summary.repaired:
                msg.text(f"{summary.repaired} slots or tags had something missing or unknown, and were repaired")
            msg.table(summary.rejected, header=("Reason against", "Notes"))
        if summary.failed:
            lines = "; ".join(f"{note} ({reason})" for note, reason in summary.failed.items())
            raise DeidError(
                f"{len(summary.failed)} notes were set aside: {lines}. The others are complete. "
                "Remedy: mend the component and run again, which makes their shards again."
            )
