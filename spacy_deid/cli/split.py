"""``deid split``: a corpus into train, dev and test."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors
from spacy_deid.corpus import docbin
from spacy_deid.corpus.split import split_docs
from spacy_deid.errors import DeidError

_NAMES = {2: ("train", "dev"), 3: ("train", "dev", "test")}


@app.command("split")
def split_cli(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Corpus file (.spacy).")],
    out: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="Folder for train, dev and test.spacy.")],
    fractions: Annotated[str, typer.Option(help="Shares of train, dev and, if wanted, test.")] = "0.8,0.1,0.1",
    seed: Annotated[int, typer.Option(help="The same seed gives the same splits.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Split a corpus by patient or source (doc._.deid_group): a group is never torn apart.

    Example: python -m spacy deid split corpus/all.spacy corpus/es --fractions 0.8,0.1,0.1 --seed 0
    """
    with reported_errors():
        from spacy.vocab import Vocab

        names = _NAMES.get(fractions.count(",") + 1)
        try:
            shares = [float(share) for share in fractions.split(",")]
        except ValueError:
            names = None
        if names is None:
            raise DeidError(f"--fractions {fractions!r}: not two or three numbers. Remedy: e.g. 0.8,0.1,0.1.")
        splits = split_docs(list(docbin.read_docs(source, Vocab())), shares, seed)
        files = {out / f"{name}.spacy": docs for name, docs in zip(names, splits, strict=True)}
        docbin.write_all(files)
        if not quiet:
            for path, docs in files.items():
                msg.good(f"{len(docs)} notes: {path}")
