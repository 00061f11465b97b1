"""``deid split``: a corpus into train, dev and test."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors
from spacy_deid.corpus.formats import docbin
from spacy_deid.corpus.split import fold_docs, split_docs
from spacy_deid.errors import DeidError

if TYPE_CHECKING:
    from spacy.tokens import Doc

_NAMES = {2: ("train", "dev"), 3: ("train", "dev", "test")}


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
        from spacy.vocab import Vocab

        docs = list(docbin.read_docs(source, Vocab()))
        if folds:
            pairs = enumerate(fold_docs(docs, folds, seed))
            _write(
                {
                    out / f"{n}/{name}.spacy": part
                    for n, pair in pairs
                    for name, part in zip(_NAMES[2], pair, strict=True)
                },
                quiet,
            )
            return
        names = _NAMES.get(fractions.count(",") + 1)
        try:
            shares = [float(share) for share in fractions.split(",")]
        except ValueError:
            names = None
        if names is None:
            raise DeidError(f"--fractions {fractions!r}: not two or three numbers. Remedy: e.g. 0.8,0.1,0.1.")
        splits = split_docs(docs, shares, seed)
        _write({out / f"{name}.spacy": part for name, part in zip(names, splits, strict=True)}, quiet)


def _write(files: dict[Path, list["Doc"]], quiet: bool) -> None:
    docbin.write_all(files)
    if not quiet:
        for path, docs in files.items():
            msg.good(f"{len(docs)} notes: {path}")
