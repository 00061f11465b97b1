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

    Example: python -m spacy deid benchmark adapt configs/quick/adapt.cfg --plain-model assets/models/lm_full
    """
    overrides = parse_config_overrides(context.args)
    with reported_errors():
        from spacy_deid.files import write_json
        from spacy_deid.generate.adapt.benchmark import compare_adaptation
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
