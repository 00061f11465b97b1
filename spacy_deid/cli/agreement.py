"""``deid agreement``: how far two reviewers agree."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors
from spacy_deid.corpus.intake import Intake, UnknownLabel


@app.command("agreement")
def agreement_cli(
    a: Annotated[Path, typer.Argument(metavar="A", help="One person's review, in any format of `deid convert`.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another's, of the same notes.")],
    output: Annotated[Path, typer.Argument(help="JSON file to write; it holds no text and no note ids.")],
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Measure how far two people agree: Cohen's kappa and the F1 of spans, with 95 % intervals over notes.

    Kappa is over characters other than white space, each in a category or none; F1 counts spans of the same
    borders and category ("span F1": the same borders). Labels count as their categories.

    Example: python -m spacy deid agreement anna.jsonl bo.jsonl metrics/agreement.json
    """
    with reported_errors():
        from spacy_deid.corpus.convert import read_corpus
        from spacy_deid.corpus.note import to_note
        from spacy_deid.files import write_json
        from spacy_deid.review.agreement import agreement, pairs

        sides = (read_corpus(path, Intake(UnknownLabel.keep), lang="xx", quiet=quiet) for path in (a, b))
        result = agreement(pairs(*([to_note(doc) for doc in docs] for docs in sides)), seed)
        write_json(output, result)
        if not quiet:
            rows = {"all": result, **result["categories"]}
            table = [(name, _shown(row["kappa"]), _shown(row["strict_f1"])) for name, row in rows.items()]
            msg.table(table, header=("category", "kappa", "strict F1"), divider=True)
            msg.good(f"Agreement on {result['notes']} notes: {output}")


def _shown(interval: dict[str, float | None]) -> str:
    value, low, high = interval.values()
    return "-" if value is None or low is None or high is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"
