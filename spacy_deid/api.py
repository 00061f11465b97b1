"""The Python interface: redact a text, redact documents, evaluate a pipeline, audit synthetic notes.

    from spacy_deid.api import apply, audit, evaluate, redact

The functions are here and not in ``spacy_deid`` itself, where ``apply``, ``audit`` and ``redact`` are packages.
"""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spacy.language import Language

from spacy_deid.errors import DeidError

if TYPE_CHECKING:  # each function imports what it needs: the audit's packages are optional
    from spacy_deid.apply.settings import Settings
    from spacy_deid.apply.summary import Summary

__all__ = ["apply", "audit", "evaluate", "redact"]


def redact(text: str, model: str | Path | Language, settings: "Settings | None" = None) -> str:
    """Return a text without the identifiers that a pipeline finds in it.

    Args:
        text: The text of one document.
        model: A loaded pipeline, the name of an installed package, or a pipeline's directory. For several texts,
            load the pipeline once.
        settings: The policy, key and scope of the replacements. None for those of the pipeline's ``deid_redact``, or
            for masks such as ``[NAME]`` if it has no such component.

    Returns:
        The redacted text. Identifiers that the pipeline misses are still in it.

    Raises:
        DeidError: For wrong settings, for a pipeline that does not exist, and if a redacted value still occurs in the
            result.
    """
    from spacy_deid.apply.stream import apply_stream

    redacted = BytesIO()
    summary = apply_stream(model, BytesIO(text.encode("utf8")), redacted, "txt", settings)
    for failure in summary.failed:
        raise DeidError(f"The text was not redacted: {failure.reason}")
    return redacted.getvalue().decode("utf8")


def apply(
    model: str | Path | Language,
    source: str | Path,
    out: str | Path,
    settings: "Settings | None" = None,
    *,
    quiet: bool = False,
) -> "Summary":
    """Redact a file or a folder of documents, check the outputs and write them; see docs/apply.md.

    Args:
        model: A loaded pipeline, the name of an installed package, or a pipeline's directory.
        source: A file or a folder. It is not changed.
        out: The file or folder to write. The same call continues an interrupted run.
        settings: Policy, key, scope, columns and the number of processes.
        quiet: Whether to show no progress bar.

    Returns:
        Counts, and in ``failed`` the documents that were not written, each with its reason.

    Raises:
        DeidError: For wrong settings, if ``out`` would overwrite an original or files of another origin, and while
            another run writes to ``out``.
    """
    from spacy_deid.apply.run import apply as run

    return run(model, source, out, settings, quiet=quiet)


def evaluate(
    model: str,
    gold: str | Path,
    output: str | Path,
    *,
    model_alone: bool = False,
    seed: int = 0,
    quiet: bool = False,
) -> dict[str, Any]:
    """Score a pipeline on annotated notes, with 95 % confidence intervals over notes.

    Args:
        model: The name of an installed package, a pipeline's directory, or a .spacy file of predictions.
        gold: The annotated notes, a .spacy file that ``deid convert`` or ``deid corpus`` wrote.
        output: The JSON file to write. It holds no text and no ids of notes.
        model_alone: Whether to leave out the pipeline's rules.
        seed: The seed of the bootstrap.
        quiet: Whether to show no progress bar.

    Returns:
        The metrics, as they are written to ``output``: under "scores" each measure with its interval, in [0, 1].

    Raises:
        DeidError: If there is no such pipeline or corpus, if the gold has no span, or if predictions and gold do not
            have the same notes.
    """
    from spacy_deid.evaluate.run import evaluate_file

    return evaluate_file(model, Path(gold), Path(output), model_alone=model_alone, seed=seed, quiet=quiet)


def audit(
    synthetic: str | Path,
    members: str | Path,
    heldout: str | Path,
    *,
    wheel: str | Path | None = None,
    budgets: str | Path | None = None,
    seed: int = 0,
    quiet: bool = False,
) -> dict[str, Any]:
    """Measure the information that synthetic notes leak from the notes behind them; see docs/audit.md.

    ``deid audit`` can also audit the language model and planted canaries.

    Args:
        synthetic: A .spacy file, or the folder that ``deid generate`` wrote.
        members: The notes that the language model was adapted on, a .spacy file.
        heldout: Notes of the same kind that neither the language model nor its prompts saw, a .spacy file.
        wheel: A wheel or folder of a pipeline, searched too.
        budgets: A TOML file in place of the package's budgets.
        seed: The seed of the resampling.
        quiet: Whether to show no progress bar.

    Returns:
        The measures, and under "verdict" the comparison with the budgets. It holds no text of notes.

    Raises:
        DeidError: For inputs that allow no valid figure, such as fewer than 20 notes of a kind.
    """
    from spacy_deid.audit.run import audit as run

    return run(
        Path(synthetic),
        Path(members),
        Path(heldout),
        wheel=Path(wheel) if wheel else None,
        budgets=Path(budgets) if budgets else None,
        seed=seed,
        quiet=quiet,
    )
