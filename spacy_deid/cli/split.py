"""``deid split``: a corpus into train, dev and test."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors


@app.command("split")
def split_cli(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Corpus file (.spacy).")],
    out: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="Folder for train, dev and test.spacy.")],
    fractions: Annotated[str, typer.Option(help="Shares of train, dev and, if wanted, test.")] = "0.8,0.1,0.1",
    folds: Annotated[
        int, typer.Option(help="In place of shares: so many folds, OUT_DIR/0/{train,dev}.spacy and so on.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same splits.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Split a corpus by patient or source (doc._.deid_group): a group is never torn apart.

    Example: python -m spacy deid split corpus/all.spacy corpus/es --fractions 0.8,0.1,0.1 --seed 0

    With --folds, each fold's dev is another part of the corpus and its train the rest.
    """
    with reported_errors():
        from spacy_deid.corpus.split import split_file

        for path, notes in split_file(source, out, fractions=fractions, folds=folds, seed=seed).items():
            if not quiet:
                msg.good(f"{notes} notes: {path}")
