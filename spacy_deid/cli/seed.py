"""``deid seed``: held-out notes to seed Docs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors


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
