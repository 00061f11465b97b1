"""`deid corpus`, `convert`, `split` and `templates`, and `deid language`: corpora and language packs."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from spacy.cli._util import parse_config_overrides

from spacy_deid.cli.app import Quiet, app, msg, reported_errors
from spacy_deid.corpus.convert import FORMATS, convert
from spacy_deid.corpus.intake import Intake, UnknownLabel

if TYPE_CHECKING:
    from spacy_deid.language_check import Tier


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
        typer.Option(help="Folder that holds the public corpora, if there is no network. [default: assets/]"),
    ] = "",
    corpus: Annotated[str, typer.Option(help="Your own corpus, a folder or a file, instead of a public one.")] = "",
    format: Annotated[str, typer.Option(help="Format of your own corpus; by its suffix unless given.")] = "",
    templates: Annotated[
        Path | None,
        typer.Option(
            "--templates",
            "--bootstrap",
            help="Config of `deid templates`, for languages that also train on notes made from templates.",
        ),
    ] = None,
    group_pattern: Annotated[
        str, typer.Option(help="Your own corpus: regular expression for the patient within a note's id.")
    ] = "",
    unknown_label: Annotated[
        UnknownLabel, typer.Option(help="A label that labels.toml does not map: stop, or keep it (as OTHER).")
    ] = UnknownLabel.error,
    notes: Annotated[int, typer.Option(help="Number of training notes to keep, by whole patients. 0: all.")] = 0,
    public: Annotated[
        Public, typer.Option(help="Whether to make public notes from templates; auto: if the language trains on them.")
    ] = Public.auto,
    seed: Annotated[int, typer.Option(help="The same seed gives the same splits.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Make the corpus: train, dev, test and public notes.

    Writes OUT_DIR/{train,dev,test,public}.spacy and manifest.json, unless nothing has changed. A corpus with train, dev
    and test sets keeps them; each missing set takes a tenth of train, by patient. Public notes are made from templates,
    hold no real person, and may be training data of any model. Where assets/LANG/calibration is there, its notes become
    OUT_DIR/calibration.spacy; no model is trained on them.

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
                msg.warn(f"{pair}: {shared} groups are in both, as in the source")
        sizes = ", ".join(f"{name} {notes}" for name, notes in manifest["notes"].items())
        msg.good(f"{'made' if changed else 'unchanged'}: {out} ({sizes} notes; {source.described()})")


_FORMATS = " | ".join(FORMATS)


@app.command("convert")
def convert_cli(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Corpus: a folder (brat, markup) or a file.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder (brat, markup) or a file to write.")],
    format: Annotated[str, typer.Option(help=f"Format of IN: {_FORMATS}. By IN's suffix unless given.")] = "",
    to: Annotated[str, typer.Option(help=f"Format of OUT: {_FORMATS}. By OUT's suffix unless given.")] = "",
    lang: Annotated[str, typer.Option(help="Language code of the Docs; xx is any.")] = "xx",
    texts: Annotated[
        Path | None,
        typer.Option(help="Folder of the .txt files, if the .ann files are elsewhere, such as a system's predictions."),
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
    r"""Convert an annotated corpus to another format.

    Prints the counts of notes and spans. Offsets are characters of the untouched text. Notes of one patient or source
    share a group, which `deid split` never divides: a "group" field in JSONL, a file groups.tsv (id, tab, group) beside
    brat files, or --group-pattern, which must be found in one id at least; otherwise each note is its own group.

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
                msg.warn(f"Kept, although labels.toml does not map them: {', '.join(unknown)}")
            if report.empty:
                msg.warn(f"Skipped {report.empty} notes of 0 characters")
            msg.good(f"{report.notes} notes: {out}")


@app.command("split")
def split_cli(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Corpus file (.spacy).")],
    out: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="Folder for train, dev and test.spacy.")],
    fractions: Annotated[str, typer.Option(help="Shares of train, dev and, optionally, test.")] = "0.8,0.1,0.1",
    folds: Annotated[
        int, typer.Option(help="In place of shares: the number of folds, OUT_DIR/0/{train,dev}.spacy and so on.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same splits.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Split a corpus by patient or source.

    All notes of a group (doc._.deid_group) go to the same part. With --folds, each fold's dev is another part of the
    corpus and its train the rest.

    Example: python -m spacy deid split corpus/all.spacy corpus/es --fractions 0.8,0.1,0.1 --seed 0
    """
    with reported_errors():
        from spacy_deid.corpus.split import split_file

        for path, notes in split_file(source, out, fractions=fractions, folds=folds, seed=seed).items():
            if not quiet:
                msg.good(f"{notes} notes: {path}")


@app.command("bootstrap", hidden=True, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
@app.command("templates", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def templates_cli(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="Config file, such as configs/templates.cfg.")],
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="Folder for train, dev and manifest, or a single .spacy file."),
    ],
    n_process: Annotated[int, typer.Option(min=1, help="Number of processes; the notes do not depend on it.")] = 1,
    quiet: Quiet = False,
) -> None:
    """Make annotated notes from note templates.

    Templates are filled with persons, places and dates from public lists. Any setting of the config can be overridden.
    OUT/dev.spacy gets the notes of templates that train.spacy has none of. The same seed gives the same bytes. Your
    own templates are a folder of text files like the package's lang/<code>/templates.

    Examples:

    python -m spacy deid templates configs/templates.cfg corpus/sv --bootstrap.notes 2000

    python -m spacy deid templates configs/templates.cfg notes.spacy --bootstrap.templates my_templates
    """
    overrides = parse_config_overrides(context.args)
    with reported_errors():
        from spacy_deid.corpus.templates.run import write_template_corpus
        from spacy_deid.corpus.templates.settings import read_settings

        manifest = write_template_corpus(read_settings(config, overrides), out, n_process=n_process, quiet=quiet)
        if quiet:
            return
        for name, counts in manifest["made"].items():
            labels = ", ".join(f"{label} {spans}" for label, spans in counts["labels"].items())
            msg.text(f"{name}: {counts['notes']} notes of {len(manifest['kinds'][name])} kinds, spans: {labels}")
        msg.good(f"{out}: made in {manifest['seconds']} s from templates, not from patients")


language = typer.Typer(no_args_is_help=True, help="List and check language packs.")
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
    """Check a language pack and run the examples of its rules.

    Prints the tiers that are complete and the files that are missing. Exits with 1 if something is wrong. A tier
    without files is not an error: rules alone are a pack.

    Example: python -m spacy deid language check my-hospital/norrberg
    """
    with reported_errors(stopped="Stopped. Nothing was written; the same command starts again."):
        from spacy_deid.lang.pack import add_pack, installed, pack_of
        from spacy_deid.language_check import check_pack

        checked = pack_of(pack) if pack in installed() else add_pack(Path(pack))
        tiers = check_pack(checked)
    for tier in tiers:
        typer.echo(_state(tier))
        for problem in tier.problems:
            typer.echo(f"  {problem}", err=True)
    if any(tier.problems for tier in tiers) or tiers[0].lacking:
        raise typer.Exit(1)


def _state(tier: "Tier") -> str:
    if tier.lacking:
        return f"- {tier.name}: missing {', '.join(tier.lacking)}"
    if tier.unchecked:
        return f"- {tier.name}: not checked. {tier.unchecked}"
    return f"✔ {tier.name}: complete" if tier.is_complete else f"✘ {tier.name}: wrong"
