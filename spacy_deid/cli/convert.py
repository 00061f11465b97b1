"""``deid convert``: from any corpus format to any other."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors
from spacy_deid.corpus.convert import FORMATS, convert
from spacy_deid.corpus.intake import Intake, UnknownLabel

_FORMATS = " | ".join(FORMATS)


@app.command("convert")
def convert_cli(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Corpus: a folder (brat, markup) or a file.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="What to write: a new folder (brat, markup) or a file.")],
    format: Annotated[str, typer.Option(help=f"Format of IN: {_FORMATS}. By IN's suffix unless given.")] = "",
    to: Annotated[str, typer.Option(help=f"Format of OUT: {_FORMATS}. By OUT's suffix unless given.")] = "",
    lang: Annotated[str, typer.Option(help="Language code of the Docs; xx is any.")] = "xx",
    texts: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the .txt files, where the .ann files lie elsewhere, as a system's predictions do."
        ),
    ] = None,
    group_pattern: Annotated[
        str,
        typer.Option(help="Regular expression for the patient or source within a note's id, its first group."),
    ] = "",
    unknown_label: Annotated[
        UnknownLabel, typer.Option(help="A label that labels.toml does not map: stop, or keep it (as OTHER).")
    ] = UnknownLabel.error,
    quiet: Quiet = False,
) -> None:
    r"""Convert an annotated corpus and print what became of every note and span.

    Offsets are characters of the untouched text. Notes of one patient or source share a group, which `deid
    split` never tears apart: a "group" field in JSONL, a file groups.tsv (id, tab, group) beside brat files,
    or --group-pattern, which must be found in one id at least; otherwise each note is its own group.

    Examples:

    python -m spacy deid convert train/brat train.spacy --format brat --lang es --group-pattern '(.+)-\d+'

    python -m spacy deid convert train.spacy train_brat --to brat

    python -m spacy deid convert assets/sv/notes notes.spacy --format markup --lang sv

    python -m spacy deid convert system predictions.spacy --lang es --texts test/brat
    """
    with reported_errors():
        intake = Intake(unknown_label=unknown_label, group_pattern=group_pattern)
        report = convert(source, out, format=format, to=to, lang=lang, texts=texts, intake=intake, quiet=quiet)
        if not quiet:
            counts = report.as_dict()
            labels = counts.pop("labels")
            unknown = counts.pop("unknown_labels")
            msg.table(counts, aligns=("l", "r"))
            msg.table(labels, header=("label", "spans"), aligns=("l", "r"))
            if unknown:
                msg.warn(f"Kept, though labels.toml does not map them: {', '.join(unknown)}")
            if report.empty:
                msg.warn(f"Skipped {report.empty} notes of 0 characters")
            msg.good(f"{report.notes} notes: {out}")
