"""``deid templates``: an annotated corpus from note templates."""

from pathlib import Path
from typing import Annotated

import typer
from spacy.cli._util import parse_config_overrides

from spacy_deid.cli.app import Quiet, app, msg, reported_errors


@app.command("bootstrap", hidden=True, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
@app.command("templates", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def templates_cli(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="Config file, such as configs/templates.cfg.")],
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="Folder for train, dev and manifest; or one file, by its suffix .spacy."),
    ],
    n_process: Annotated[
        int, typer.Option(min=1, help="Processes that write notes; the notes do not depend on it.")
    ] = 1,
    quiet: Quiet = False,
) -> None:
    """Make annotated notes of templates, filled with persons, places and dates from public lists.

    Any setting of the config can be overridden. OUT/dev.spacy gets the notes of templates that train.spacy has none of.
    The same seed gives the same bytes. Own templates: a folder of text files as the package's lang/<code>/templates.

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
