"""`deid evaluate-reread`: are surrogates recognised when the redacted text is annotated again?"""

from pathlib import Path
from typing import Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors
from spacy_deid.cli.gpu import use_gpu


@app.command("evaluate-reread")
def evaluate_reread(
    model: Annotated[str, typer.Argument(help="Directory or package of a pipeline.")],
    notes: Annotated[Path, typer.Argument(help="Notes, as `deid convert` writes them; annotations do not count.")],
    output: Annotated[Path, typer.Argument(help="JSON file to write; it holds no text.")],
    mode: Annotated[str, typer.Option(help="What replaces identifiers: surrogate, index, mask or hash.")] = "surrogate",
    key: Annotated[Path | None, typer.Option(help="Key file of deid_redact; the same key, the same figures.")] = None,
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", min=-1, help="GPU to run on; -1 for the CPU.")] = -1,
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Redact notes, let the same pipeline read the result, and measure how many entities it finds again.

    Found again: an entity of the same category at exactly the characters of the replacement. Overlapped: one of the
    same category that shares characters with it, though its edges may have moved. 95 % intervals over notes.

    Example: python -m spacy deid evaluate-reread deid_sv corpus/sv/test.spacy metrics/sv/reread.json
    """
    with reported_errors():
        from spacy_deid.evaluate.round_trip import evaluate_round_trip
        from spacy_deid.evaluate.table import round_trip_table

        use_gpu(gpu_id)
        result = evaluate_round_trip(model, notes, output, mode=mode, key=key, seed=seed, quiet=quiet)
        if not quiet:
            typer.echo(round_trip_table(result))
            msg.good(f"Re-reading: {output}")
