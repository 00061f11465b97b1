"""``deid corpus``: the corpus stage of the project."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors
from spacy_deid.corpus.intake import UnknownLabel


class Public(StrEnum):
    """Whether to make public notes."""

    auto = "auto"
    yes = "yes"
    no = "no"


_WANTED = {Public.auto: None, Public.yes: True, Public.no: False}


@app.command("corpus")
def corpus_cli(
    out: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="Folder for train, dev and test.spacy.")],
    lang: Annotated[str, typer.Option(help="Language code, such as es.")],
    mirror: Annotated[
        str,
        typer.Option(help="Folder that holds the public corpora, where there is no network. Empty: assets/."),
    ] = "",
    corpus: Annotated[str, typer.Option(help="Your own corpus, a folder or a file, instead of a public one.")] = "",
    format: Annotated[str, typer.Option(help="Format of your own corpus; by its suffix unless given.")] = "",
    templates: Annotated[
        Path | None,
        typer.Option(
            "--templates",
            "--bootstrap",
            help="Config of `deid templates`, for the languages that train on notes made of templates too.",
        ),
    ] = None,
    group_pattern: Annotated[
        str, typer.Option(help="Your own corpus: regular expression for the patient within a note's id.")
    ] = "",
    unknown_label: Annotated[
        UnknownLabel, typer.Option(help="A label that labels.toml does not map: stop, or keep it (as OTHER).")
    ] = UnknownLabel.error,
    notes: Annotated[
        int, typer.Option(help="Keep so many training notes, whole patients at a time, and leave out the rest. 0: all.")
    ] = 0,
    public: Annotated[
        Public, typer.Option(help="Whether to make public notes of templates; auto: where the language trains on them.")
    ] = Public.auto,
    seed: Annotated[int, typer.Option(help="The same seed gives the same splits.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Make OUT_DIR/{train,dev,test,public}.spacy and manifest.json; nothing to do when nothing changed.

    A corpus with train, dev and test within keeps them; what is missing takes a tenth of train each, by
    patient. Public notes are made of templates, hold no real person, and may go into the training of any model.

    Examples:

    python -m spacy deid corpus corpus/es --lang es --mirror ../data

    python -m spacy deid corpus corpus/sv --lang sv --corpus /secure/notes --format brat
    """
    with reported_errors():
        from spacy_deid.corpus.build import build_corpus, public_notes
        from spacy_deid.corpus.sources import chosen_corpus

        source = chosen_corpus(
            lang,
            own=Path(corpus) if corpus else None,
            format=format,
            group_pattern=group_pattern,
            mirror=Path(mirror) if mirror else None,
        )
        if not quiet:
            (msg.info if source.own else msg.warn)(source.described())
        manifest, changed = build_corpus(
            source,
            out,
            lang=lang,
            templates=public_notes(templates, lang, seed, wanted=_WANTED[public]),
            seed=seed,
            unknown_label=unknown_label,
            notes=notes,
            quiet=quiet,
        )
        if quiet:
            return
        for name, counts in manifest["read"].items():
            shown = ("notes", "spans", "widened", "overlapping", "duplicates", "discontinuous", "empty")
            msg.text(f"{name} read: " + ", ".join(f"{counts[key]} {key}" for key in shown))
        for pair, shared in manifest["shared_groups"].items():
            if shared:
                msg.warn(f"{pair}: {shared} groups are in both, as the source has it")
        sizes = ", ".join(f"{name} {notes}" for name, notes in manifest["notes"].items())
        msg.good(f"{'made' if changed else 'unchanged'}: {out} ({sizes} notes; {source.described()})")
