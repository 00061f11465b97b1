"""``deid adapt``: a language model learns to write notes."""

from pathlib import Path
from typing import Annotated

import typer
from spacy.cli._util import parse_config_overrides

from spacy_deid.cli.app import Quiet, app, msg, reported_errors


@app.command("adapt", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def adapt_cli(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="Config file, such as configs/quick/adapt.cfg.")],
    output: Annotated[Path, typer.Argument(help="Directory for the adapter.")],
    quiet: Quiet = False,
) -> None:
    """Adapt a causal language model to the training notes with LoRA, or with QLoRA on a GPU.

    Any setting of the config can be overridden. A run that was stopped goes on from its latest checkpoint when the
    same command is given again; one is written every two minutes, and on Ctrl-C and SIGTERM. OUTPUT gets
    adapter_model.safetensors, adapter_config.json and adaptation.json: the held-out loss before and after, how much
    each module changed, speed and memory.

    Example: python -m spacy deid adapt configs/quick/adapt.cfg training/es/adapter --paths.train corpus/es/train.spacy
    --training.epochs 2
    """
    overrides = parse_config_overrides(context.args)
    with reported_errors(extra="generate"):
        from spacy_deid.generate.adapt.run import adapt
        from spacy_deid.generate.adapt.settings import read_settings

        manifest = adapt(read_settings(config, overrides), output, quiet=quiet)
        if not quiet:
            loss, training = manifest["held_out_loss"], manifest["training"]
            msg.good(
                f"{output}: held-out loss {loss['before']:.3f} -> {loss['after']:.3f} nats per token, "
                f"{training['steps']} steps, {training['tokens_per_second']:.0f} tokens/s, "
                f"threads: {manifest['hardware']['threads']}"
            )
