"""`deid language`: the language packs, and what one of them lacks."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import app, reported_errors

language = typer.Typer(no_args_is_help=True, help="Language packs: list those that are installed, and check one.")
app.add_typer(language, name="language")


@language.command("list")
def list_packs() -> None:
    """List the installed language packs: code, name and folder.

    Example: python -m spacy deid language list
    """
    with reported_errors():
        from spacy_deid.lang.pack import installed_packs

        for pack in installed_packs():
            typer.echo(f"{pack.code}\t{pack.facts.name}\t{pack.folders[0].path}")


@language.command("check")
def check(
    pack: Annotated[str, typer.Argument(help="The code of an installed language, such as sv, or a pack's folder.")],
) -> None:
    """Print which tiers of a language pack are complete and what lacks, and run the examples of its rules.

    Exits with 1 where something is wrong. A tier whose files are not there is none: rules alone make a pack.

    Example: python -m spacy deid language check my-hospital/norrberg
    """
    with reported_errors():
        from spacy_deid.lang.pack import add_pack, installed, pack_of
        from spacy_deid.language_check import check_pack

        checked = pack_of(pack) if pack in installed() else add_pack(Path(pack))
        tiers = check_pack(checked)
    for tier in tiers:
        state = "complete" if tier.is_complete else f"lacks {', '.join(tier.lacking)}" if tier.lacking else "wrong"
        typer.echo(f"{'✔' if tier.is_complete else '-' if tier.lacking else '✘'} {tier.name}: {state}")
        for problem in tier.problems:
            typer.echo(f"  {problem}", err=True)
    if any(tier.problems for tier in tiers) or tiers[0].lacking:
        raise typer.Exit(1)
