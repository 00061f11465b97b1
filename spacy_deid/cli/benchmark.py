"""``deid benchmark``: this package beside the plain way, in one run."""

from pathlib import Path
from typing import Annotated

import typer
from spacy.cli._util import parse_config_overrides

from spacy_deid.cli.app import Quiet, app, msg, reported_errors

benchmark_app = typer.Typer(name="benchmark", no_args_is_help=True, help="Speed beside the plain way, in one run.")
app.add_typer(benchmark_app)


@benchmark_app.command("adapt", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def benchmark_adapt_cli(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="Config of `spacy deid adapt`, such as configs/quick/adapt.cfg.")],
    plain_model: Annotated[str, typer.Option(help="The same model with its whole vocabulary: a directory.")],
    steps: Annotated[int, typer.Option(min=1, help="Steps in a round.")] = 4,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each way, taken in turn.")] = 5,
    output: Annotated[Path | None, typer.Option(help="JSON file for the result.")] = None,
    quiet: Quiet = False,
) -> None:
    """Compare adaptation with stock Trainer and peft on the uncut model; prints both speeds and their ratio.

    Settings of the config can be overridden, as in `spacy deid adapt`.

    Example: python -m spacy deid models assets/uncut --uncut, then
    python -m spacy deid benchmark adapt configs/quick/adapt.cfg --plain-model assets/uncut/lm
    """
    overrides = parse_config_overrides(context.args)
    with reported_errors():
        from benchmarks.adapt import compare_adaptation
        from spacy_deid.files import write_json
        from spacy_deid.generate.adapt.settings import read_settings

        result = compare_adaptation(
            read_settings(config, overrides), plain_model, steps=steps, rounds=rounds, quiet=quiet
        )
        if output is not None:
            write_json(output, result)
        for way in ("package", "plain"):
            msg.text(
                f"{way}: {result[way]['tokens_per_second']:.0f} tokens/s, "
                f"{result[way]['characters_per_second']:.0f} characters/s"
            )
        msg.good(f"{result['ratio']} times the plain way's characters per second")


@benchmark_app.command("sample")
def benchmark_sample_cli(
    model: Annotated[str, typer.Argument(help="The language model's directory.")],
    adapter: Annotated[str | None, typer.Option(help="Adapter to merge into it.")] = None,
    prompt: Annotated[str, typer.Option(help="What every note begins with.")] = "",
    batch_size: Annotated[int, typer.Option(min=1, help="Rows of one lane of the fast engine.")] = 64,
    plain_batch_size: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Batch size of the plain way; may be repeated. [default: 8 16 32 64]"),
    ] = None,
    notes: Annotated[int, typer.Option(min=1, help="Notes to sample in a round.")] = 64,
    max_tokens: Annotated[int, typer.Option(min=1, help="Most tokens of a note.")] = 512,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each engine, taken in turn.")] = 3,
    output: Annotated[Path | None, typer.Option(help="JSON file for the result.")] = None,
    quiet: Quiet = False,
) -> None:
    """Compare the fast engine with transformers' `generate` at the best of several batch sizes.

    Example: python -m spacy deid benchmark sample assets/models/lm --adapter training/es/adapter --prompt "Nombre:"
    """
    with reported_errors():
        from benchmarks.sample import compare_sampling
        from spacy_deid.files import write_json

        result = compare_sampling(
            model,
            adapter,
            prompt,
            batch_size=batch_size,
            plain_batch_sizes=plain_batch_size or [8, 16, 32, 64],
            notes=notes,
            max_tokens=max_tokens,
            rounds=rounds,
            quiet=quiet,
        )
        if output is not None:
            write_json(output, result)
        for name, speed in result["tokens_per_second"].items():
            msg.text(f"{name}: {speed:.0f} tokens/s")
        msg.good(f"{result['ratio']} times the plain way's tokens per second ({result['best_plain']})")


@benchmark_app.command("apply")
def benchmark_apply_cli(
    model: Annotated[str, typer.Argument(help="An installed package such as deid_sv, or a pipeline's directory.")],
    source: Annotated[Path, typer.Argument(metavar="IN", help="A folder of .txt files.")],
    policy: Annotated[str | None, typer.Option(help="As for `spacy deid apply`.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Also with so many processes; 1 leaves that out.")] = 2,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each way, taken in turn; the fastest counts.")] = 3,
    output: Annotated[Path | None, typer.Option(help="JSON file for the result.")] = None,
    quiet: Quiet = False,
) -> None:
    """Compare `apply` with the pipeline alone, and several processes with one, on the same texts.

    Example: OMP_NUM_THREADS=1 python -m spacy deid benchmark apply deid_sv notes
    """
    with reported_errors():
        from benchmarks.apply import compare_apply
        from spacy_deid.apply.settings import Settings
        from spacy_deid.files import write_json

        result = compare_apply(model, source, Settings(policy=policy), processes=processes, rounds=rounds, quiet=quiet)
        if output is not None:
            write_json(output, result)
        msg.good(f"apply takes {result['apply_to_pipe']} times the CPU time of nlp.pipe alone")
        if processes > 1:
            msg.good(f"{processes} processes are {result['processes_to_one']} times as fast as one")
