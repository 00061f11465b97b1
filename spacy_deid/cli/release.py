"""``deid release``."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors


@app.command("release")
def release_cli(
    model: Annotated[Path, typer.Argument(help="The trained student, such as training/es/student/model-best.")],
    output: Annotated[Path, typer.Argument(help="Folder to make: model/ and package.json, for `spacy package`.")],
    name: Annotated[str, typer.Option(help="The package becomes deid_NAME.")],
    version: Annotated[str, typer.Option(help="The package's version.")],
    gold: Annotated[Path, typer.Option(help="Metrics of the gold annotator.")],
    student: Annotated[Path, typer.Option(help="Metrics of the student, on the same gold notes.")],
    corpus: Annotated[Path, typer.Option(help="Folder that `deid corpus` made.")],
    synthetic: Annotated[Path, typer.Option(help="Folder that `deid generate` made.")],
    adapter: Annotated[Path, typer.Option(help="Folder that `deid adapt` made.")],
    lm: Annotated[Path, typer.Option(help="The language model's directory.")] = Path("assets/models/lm"),
    encoder: Annotated[Path, typer.Option(help="The encoder's directory, for a transformer student.")] = Path(
        "assets/models/encoder"
    ),
    quiet: Quiet = False,
) -> None:
    """Make a student ready to leave the house: without the words it was trained on, with scores and a model card.

    Example: python -m spacy deid release training/es/student/model-best training/es/release --name es
    --version 0.1.0 --gold metrics/es/annotator.json --student metrics/es/student.json --corpus corpus/es
    --synthetic corpus/es/synthetic --adapter training/es/adapter, then
    python -m spacy package training/es/release/model packages --meta-path training/es/release/package.json
    """
    with reported_errors():
        from spacy_deid.release.provenance import read_provenance
        from spacy_deid.release.release import release

        provenance = read_provenance(
            gold=gold, student=student, corpus=corpus, synthetic=synthetic, adapter=adapter, lm=lm, encoder=encoder
        )
        release(model, output, name=name, version=version, provenance=provenance)
        if not quiet:
            msg.good(f"{output}: deid_{name} {version}, trained on {provenance.trained_on} synthetic notes")
