"""``deid canaries``: training notes with made-up identifiers planted in them."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors


@app.command("canaries")
def canaries_cli(
    train: Annotated[Path, typer.Argument(help="Corpus file of training notes, such as corpus/es/train.spacy.")],
    output: Annotated[Path, typer.Argument(help="Corpus file to write; the canaries go to OUTPUT.canaries.jsonl.")],
    lang: Annotated[str, typer.Option(help="Language code of the notes.")],
    number: Annotated[int, typer.Option(min=1, help="How many canaries.")] = 24,
    counts: Annotated[str, typer.Option(help="In how many notes each stands, in turn.")] = "1,4,16",
    seed: Annotated[int, typer.Option(help="The same seed gives the same canaries in the same notes.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Plant made-up names, dates, identity and phone numbers in copies of training notes, to audit memorisation.

    Adapt the language model on OUTPUT in place of TRAIN, generate, and give OUTPUT.canaries.jsonl to `deid audit
    --canaries`, which reports their exposure and whether any was generated.

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
        raise DeidError(f"--counts is {text!r}. Remedy: whole numbers with commas, such as 1,4,16.") from None
