"""`deid ensemble` and `deid release`: pipelines that are put together."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors


@app.command("ensemble")
def ensemble_cli(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for the pipeline.")],
    models: Annotated[list[Path], typer.Argument(metavar="MODEL...", help="Two or more trained pipelines.")],
    threshold: Annotated[float, typer.Option(help="Smallest share of votes for an entity.")] = 0.5,
    quiet: Quiet = False,
) -> None:
    """Combine annotators into one pipeline that votes.

    The annotators are those of `deid split --folds`, for example. Each entity's score is its share of votes.
    configs/quick/generator_ensemble.cfg takes the pipeline in place of an annotator; min_agreement of deid_filter
    rejects notes on which the ensemble disagrees.

    Example: python -m spacy deid ensemble training/es/ensemble training/es/folds/0/model-best
    training/es/folds/1/model-best training/es/folds/2/model-best
    """
    with reported_errors():
        from spacy_deid.annotate.ensemble import ensemble_of

        ensemble_of(models, threshold=threshold).to_disk(out)
        if not quiet:
            msg.good(f"{len(models)} annotators: {out}")


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
    audit: Annotated[Path | None, typer.Option(help="The file of `deid audit`, such as metrics/es/audit.json.")] = None,
    budgets: Annotated[Path | None, typer.Option(help="TOML file of budgets in place of the package's own.")] = None,
    override: Annotated[
        str, typer.Option(help="A reason to release although the gate refuses; the wheel and its model card state it.")
    ] = "",
    lm: Annotated[Path, typer.Option(help="The language model's directory.")] = Path("assets/models/lm"),
    encoder: Annotated[Path, typer.Option(help="The encoder's directory, for a transformer student.")] = Path(
        "assets/models/encoder"
    ),
    quiet: Quiet = False,
) -> None:
    """Prepare a student for release.

    The words of its training data are removed; scores and a model card are added. The release is refused if the audit
    is missing, over budget, or of other notes than those in CORPUS and SYNTHETIC, if the student was trained on other
    notes, and if the metrics are of another pipeline.

    Example: python -m spacy deid release training/es/student/model-best training/es/release --name es
    --version 0.1.0 --gold metrics/es/annotator.json --student metrics/es/student.json --corpus corpus/es
    --synthetic corpus/es/synthetic --adapter training/es/adapter --audit metrics/es/audit.json, then
    python -m spacy package training/es/release/model packages --meta-path training/es/release/package.json
    """
    with reported_errors():
        from spacy_deid.release.gate import audited_inputs, check_release, pipeline_objections
        from spacy_deid.release.provenance import read_provenance
        from spacy_deid.release.release import release

        provenance = read_provenance(
            gold=gold, student=student, corpus=corpus, synthetic=synthetic, adapter=adapter, lm=lm, encoder=encoder
        )
        gate = check_release(
            audit,
            audited_inputs(corpus, synthetic),
            objections=pipeline_objections(model, synthetic, provenance),
            budgets=budgets,
            override=override,
        )
        release(model, output, name=name, version=version, provenance=provenance, gate=gate)
        if gate.reasons:
            msg.warn(f"Released although the gate refused: {'; '.join(gate.reasons)}")
        if not quiet:
            msg.good(f"{output}: deid_{name} {version}, trained on {provenance.trained_on} synthetic notes")
