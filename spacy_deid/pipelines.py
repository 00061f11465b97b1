"""Loading of pipelines."""

from collections.abc import Iterable
from pathlib import Path

import spacy
from spacy.language import Language

from spacy_deid.errors import DeidError

REDACT = "deid_redact"  # the redacting factory, and the default name of its component


def load_pipeline(model: str | Path, exclude: Iterable[str] = ()) -> Language:
    """Load an installed pipeline or a pipeline's directory.

    Args:
        model: Name of an installed package such as deid_sv, or a directory.
        exclude: Names of components to leave out.

    Raises:
        DeidError: There is no such pipeline, or it cannot be loaded.
    """
    try:
        return spacy.load(model, exclude=exclude)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DeidError(
            f"There is no pipeline {model}, or it is incomplete ({reason.rstrip('.')}). "
            "Remedy: correct the name, install its wheel, or train it first."
        ) from None
