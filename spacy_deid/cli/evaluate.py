"""`deid evaluate`, `calibrate`, `compare`, `report`, `challenge`, `clinical-loss` and `evaluate-*`."""

from pathlib import Path
from typing import Annotated

import typer
from spacy.cli._util import parse_config_overrides

from spacy_deid.cli.app import Point, Quiet, app, msg, reported_errors, use_gpu


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
        typer.Option(help="Origin of the gold notes if they are not real; every report states it."),
    ] = "",
    model_alone: Annotated[
        bool, typer.Option("--model-alone", help="Leave out the pipeline's rules, to evaluate the model only.")
    ] = False,
    operating_point: Point = "",
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", min=-1, help="GPU to run on; -1 for the CPU.")] = -1,
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Measure accuracy on gold notes, and speed.

    Scores have 95 % intervals over notes. Strict, span and merged scores are those of the MEDDOCAN shared task, on
    categories in place of labels; token scores are those of Vakili et al. 2025; character recall, leaked identifiers
    and fully redacted notes ignore categories. "Narrative" is the middle 70 % of a note. The model sees the raw texts
    only. For a pipeline that `deid calibrate` wrote, a table shows the figures at each threshold.

    Example: python -m spacy deid evaluate training/es/student/model-best corpus/es/test.spacy
    metrics/es/student.json
    """
    with reported_errors():
        from spacy_deid.evaluate.run import evaluate_file
        from spacy_deid.evaluate.table import metrics_table

        use_gpu(gpu_id)
        metrics = evaluate_file(
            model,
            gold,
            output,
            made=made,
            model_alone=model_alone,
            operating_point=operating_point,
            seed=seed,
            quiet=quiet,
        )
        if not quiet:
            typer.echo(metrics_table(metrics))
            msg.good(f"Metrics: {output}")


@app.command("calibrate")
def calibrate_cli(
    pipeline: Annotated[str, typer.Argument(help="Directory or package of a pipeline with deid_ner and deid_merge.")],
    held_out: Annotated[Path, typer.Argument(help="Annotated notes that the pipeline was not trained on.")],
    out: Annotated[Path, typer.Argument(help="Directory of the calibrated pipeline to write.")],
    balanced: Annotated[float, typer.Option(min=0, max=1, help="Greatest over-redaction of this point.")] = 0.015,
    careful: Annotated[float, typer.Option(min=0, max=1, help="Greatest over-redaction of this point.")] = 0.03,
    strict: Annotated[float, typer.Option(min=0, max=1, help="Greatest over-redaction of this point.")] = 0.06,
    made: Annotated[
        str,
        typer.Option(help="Origin of the held-out notes if they are not real. [default: what `deid corpus` recorded]"),
    ] = "",
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", min=-1, help="GPU to run on; -1 for the CPU.")] = -1,
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Choose a pipeline's operating points on held-out notes.

    The probabilities of the model are calibrated by a temperature. An operating point is the lowest threshold on them
    at which no more than its share of other characters is redacted, or the highest if there is none. OUT is the
    pipeline with both. Choose the points on other notes than those of the final evaluation.

    Example: python -m spacy deid calibrate training/sv/student/model-best tuning.spacy training/sv/student/calibrated
    """
    with reported_errors():
        from spacy_deid.evaluate.operating_points import calibrate
        from spacy_deid.evaluate.run import how_made
        from spacy_deid.evaluate.table import operating_points_table

        use_gpu(gpu_id)
        limits = {"balanced": balanced, "careful": careful, "strict": strict}
        made = made or how_made(held_out)
        points = calibrate(pipeline, held_out, out, limits=limits, made=made, seed=seed, quiet=quiet)
        if not quiet:
            typer.echo(operating_points_table(points.written()))
            for name, share in points.beyond_limit().items():
                msg.warn(
                    f"{name}: even at the highest threshold, {share:.4f} of the other characters are redacted, above "
                    f"its limit of {limits[name]}. The rules alone may redact so much on these notes."
                )
            msg.good(f"Calibrated pipeline: {out}")


@app.command("compare", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def compare_cli(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="Config of the systems, such as configs/compare_sv.cfg.")],
    output: Annotated[Path, typer.Argument(help="Folder for the table, the plot and a metrics file of each system.")],
    quiet: Quiet = False,
) -> None:
    """Compare systems on the same notes.

    The comparison has accuracy, speed, memory and cost. Systems are pipelines, with changed settings if you like, or
    predictions that were made elsewhere. Each runs in a process of its own. The cost of a million notes follows from
    the prices of an hour that the config states; they are yours to set. Any setting of the config can be overridden.

    Example: python -m spacy deid compare configs/compare_sv.cfg metrics/sv/comparison
    """
    overrides = parse_config_overrides(context.args)
    with reported_errors(extra="report"):
        from spacy_deid.evaluate.compare import compare, terminal

        result = compare(config, output, overrides, quiet=quiet)
        if not quiet:
            typer.echo(terminal(result))
            msg.good(f"Comparison: {output}")


@app.command("report")
def report(
    output: Annotated[Path, typer.Argument(help="HTML file to write; it refers to nothing outside itself.")],
    models: Annotated[
        list[str], typer.Argument(help="NAME=METRICS.json of each model; gaps are differences from the first.")
    ],
    synthetic: Annotated[
        Path | None, typer.Option(help="Corpus file or folder of generated notes, for examples.")
    ] = None,
    examples: Annotated[int, typer.Option(min=0, help="Number of synthetic notes to show.")] = 3,
    quiet: Quiet = False,
) -> None:
    """Write an HTML report for decision-makers.

    It shows the identifiers found and leaked, and the gap between models. Gaps have paired bootstrap intervals, so all
    models must have been evaluated on the same gold file.

    Example: python -m spacy deid report reports/es/index.html gold=metrics/es/annotator.json
    synthetic=metrics/es/student.json --synthetic corpus/es/synthetic
    """
    with reported_errors():
        from spacy_deid.evaluate.report import html_report, synthetic_examples
        from spacy_deid.evaluate.run import read_contender, read_synthetic
        from spacy_deid.evaluate.table import gap_table
        from spacy_deid.files import write_text

        contenders = [read_contender(named) for named in models]
        shown = synthetic_examples(read_synthetic(synthetic), examples) if synthetic else []
        write_text(output, html_report(contenders, shown))
        if not quiet:
            typer.echo(gap_table(contenders))
            msg.good(f"Report: {output}")


@app.command("challenge")
def challenge_cli(
    pipeline: Annotated[str, typer.Argument(help="Directory or package of a pipeline.")],
    output: Annotated[Path, typer.Argument(help="JSON file to write; it holds no text.")],
    cases: Annotated[
        Path | None,
        typer.Option(help="Folder of cases, a file <kind>.txt for each kind. [default: assets/challenge/LANG]"),
    ] = None,
    operating_point: Point = "",
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", min=-1, help="GPU to run on; -1 for the CPU.")] = -1,
    seed: Annotated[int, typer.Option(help="Of the variants and the bootstrap intervals.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Measure accuracy on difficult cases, and consistency.

    Scores are by kind of case. A case is wholly right if all letters and digits of its identifiers are redacted and no
    others. Consistency is the share of characters with the same decision, redacted or not, after a change of the case
    that should not matter: typing errors, other line breaks, or other identifiers of the same sort. 95 % intervals over
    cases.

    Example: python -m spacy deid challenge deid_sv metrics/sv/challenge.json
    """
    with reported_errors(extra="surrogates"):
        from spacy_deid.evaluate.challenge import challenge_file
        from spacy_deid.evaluate.table import challenge_table

        use_gpu(gpu_id)
        result = challenge_file(pipeline, cases, output, operating_point=operating_point, seed=seed, quiet=quiet)
        if not quiet:
            typer.echo(challenge_table(result))
            msg.good(f"Challenge: {output}")


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
    """Measure name recall by origin and gender.

    Every first name is put into every sentence. Intervals are 95 % intervals over names. Use names that are not in the
    training data.

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


@app.command("clinical-loss")
def clinical_loss_cli(
    model: Annotated[str, typer.Argument(help="Directory or package of a pipeline.")],
    folder: Annotated[
        Path, typer.Argument(help="A text file for each kind, such as drug.txt; lines of notes without identifiers.")
    ],
    output: Annotated[Path, typer.Argument(help="JSON file to write; it holds no text.")],
    operating_point: Point = "",
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", min=-1, help="GPU to run on; -1 for the CPU.")] = -1,
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Measure how much clinical text is redacted, by kind.

    No line has an identifier, so that every redacted character is a loss. The model reads each line as a note of its
    own. 95 % intervals over lines.

    Example: python -m spacy deid clinical-loss training/sv/student/model-best assets/sv/clinical
    metrics/sv/clinical.json
    """
    with reported_errors():
        from spacy_deid.evaluate.clinical import evaluate_clinical_folder
        from spacy_deid.evaluate.table import clinical_table

        use_gpu(gpu_id)
        result = evaluate_clinical_folder(
            model, folder, output, operating_point=operating_point, seed=seed, quiet=quiet
        )
        if not quiet:
            typer.echo(clinical_table(result))
            msg.good(f"Clinical loss: {output}")


@app.command("evaluate-reread")
def evaluate_reread(
    model: Annotated[str, typer.Argument(help="Directory or package of a pipeline.")],
    notes: Annotated[Path, typer.Argument(help="Notes, as `deid convert` writes them; annotations are ignored.")],
    output: Annotated[Path, typer.Argument(help="JSON file to write; it holds no text.")],
    mode: Annotated[str, typer.Option(help="Mode of the replacements: surrogate, index, mask or hash.")] = "surrogate",
    key: Annotated[Path | None, typer.Option(help="Key file of deid_redact; the same key, the same figures.")] = None,
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", min=-1, help="GPU to run on; -1 for the CPU.")] = -1,
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Annotate redacted notes again, and compare.

    The pipeline redacts the notes and reads the result. Found again: an entity of the same category at exactly the
    characters of the replacement. Overlapped: one of the same category that shares characters with it, although its
    boundaries may have moved. 95 % intervals over notes.

    Example: python -m spacy deid evaluate-reread deid_sv corpus/sv/test.spacy metrics/sv/reread.json
    """
    with reported_errors():
        from spacy_deid.evaluate.round_trip import evaluate_round_trip
        from spacy_deid.evaluate.table import round_trip_table

        use_gpu(gpu_id)
        result = evaluate_round_trip(model, notes, output, mode=mode, key=key, seed=seed, quiet=quiet)
        if not quiet:
            typer.echo(round_trip_table(result))
            msg.good(f"Re-reading: {output}")
