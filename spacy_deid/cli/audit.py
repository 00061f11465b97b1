"""`deid canaries` and `deid audit`: leakage from training notes."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from spacy_deid.cli.app import Quiet, app, msg, reported_errors


@app.command("canaries")
def canaries_cli(
    train: Annotated[Path, typer.Argument(help="Corpus file of training notes, such as corpus/es/train.spacy.")],
    output: Annotated[Path, typer.Argument(help="Corpus file to write; the canaries go to OUTPUT.canaries.jsonl.")],
    lang: Annotated[str, typer.Option(help="Language code of the notes.")],
    number: Annotated[int, typer.Option(min=1, help="Number of canaries.")] = 24,
    counts: Annotated[str, typer.Option(help="Numbers of notes that hold a canary, in turn.")] = "1,4,16",
    seed: Annotated[int, typer.Option(help="The same seed gives the same canaries in the same notes.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Plant canaries in training notes, to audit memorisation.

    Canaries are invented names, dates, identity and phone numbers in copies of training notes. Adapt the language model
    on OUTPUT in place of TRAIN, generate, and give OUTPUT.canaries.jsonl to `deid audit --canaries`, which reports
    their exposure and whether any was generated.

    Example: python -m spacy deid canaries corpus/es/train.spacy corpus/es/canaries.spacy --lang es --counts 1,4,16
    """
    with reported_errors():
        from spacy_deid.audit.canaries import plant_in_file

        canaries, notes = plant_in_file(train, output, lang, number, _numbers(counts), seed)
        if not quiet:
            planted = sum(canary.count for canary in canaries)
            msg.good(f"{output}: {len(canaries)} canaries, planted {planted} times in {notes} notes")


def _numbers(text: str) -> list[int]:
    from spacy_deid.errors import DeidError

    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise DeidError(f"--counts is {text!r}. Remedy: whole numbers separated by commas, such as 1,4,16.") from None


OVER_BUDGET = 2


class UsageIsError(TyperCommand):
    """A command whose usage errors exit with 1; click's own 2 means over budget here."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line; a usage error gets exit code 1."""
        try:
            return super().parse_args(ctx, args)
        except typer.Exit:  # of --help
            raise
        except Exception as error:  # UsageError of click, or of typer's own copy of click
            setattr(error, "exit_code", 1)  # noqa: B010  mypy knows no such attribute
            raise


@app.command("audit", cls=UsageIsError)
def audit_cli(
    synthetic: Annotated[Path, typer.Argument(help="Synthetic notes: a .spacy file or the folder of `deid generate`.")],
    members: Annotated[Path, typer.Argument(help="The notes that the language model was adapted on.")],
    heldout: Annotated[
        Path, typer.Argument(help="Notes of the same kind that it never saw, or the folder of `deid corpus`.")
    ],
    output: Annotated[Path, typer.Argument(help="JSON file to write; an HTML page is written beside it.")],
    wheel: Annotated[Path | None, typer.Option(help="Wheel or folder of a pipeline to search too.")] = None,
    adapter: Annotated[Path | None, typer.Option(help="Adapter of the language model, to audit the model too.")] = None,
    base: Annotated[str, typer.Option(help="The language model of --adapter.")] = "assets/models/lm",
    lm_notes: Annotated[
        int, typer.Option(min=20, help="With --adapter: the number of notes drawn from each side.")
    ] = 100,
    canaries: Annotated[Path | None, typer.Option(help="Canaries that `deid canaries` planted in MEMBERS.")] = None,
    budgets: Annotated[Path | None, typer.Option(help="TOML file of budgets in place of the package's own.")] = None,
    seed: Annotated[int, typer.Option(help="Of the intervals.")] = 0,
    no_fail: Annotated[
        bool,
        typer.Option("--no-fail", help="Exit with 0 even over budget or without an audit: `deid release` refuses."),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Measure what synthetic notes reveal about real ones.

    Held-out notes give the baseline of chance. With --adapter the language model is audited too, and with --canaries
    its memorisation of them. Exit status: 0 within all budgets, 2 over a budget or without a figure for one, 1 for an
    error. Neither file holds text or ids of notes. docs/audit.md explains each measure and its budget.

    Example: python -m spacy deid audit corpus/es/synthetic corpus/es/train.spacy corpus/es/test.spacy
    metrics/es/audit.json --wheel packages/deid_es-0.1.0-py3-none-any.whl
    """
    with reported_errors():
        from spacy_deid.audit.budgets import objections, verdict_table
        from spacy_deid.audit.run import audit, refused, write_audit
        from spacy_deid.errors import DeidError

        try:
            found = audit(
                synthetic,
                members,
                heldout,
                wheel=wheel,
                adapter=adapter,
                base=base,
                canaries=canaries,
                lm_notes=lm_notes,
                budgets=budgets,
                seed=seed,
                quiet=quiet,
            )
        except DeidError as error:
            if not no_fail:
                raise
            write_audit(refused(str(error)), output)
            typer.echo(f"✘ No audit: {error}", err=True)
            return
        write_audit(found, output)
        verdict = found["verdict"]
        if not quiet:
            typer.echo(verdict_table(verdict))
            msg.info(f"Audit: {output}; to read: {output.with_suffix('.html')}")
        if not verdict["within_budget"]:
            typer.echo(f"✘ {objections(verdict)}. This must not be shared.", err=True)
            raise typer.Exit(0 if no_fail else OVER_BUDGET)
