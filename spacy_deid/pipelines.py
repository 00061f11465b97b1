"""Loading of pipelines."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language

from spacy_deid.errors import DeidError

MERGE = "deid_merge"  # the factory that writes the entities
REDACT = "deid_redact"  # the redacting factory, and the default name of its component


def component_of(nlp: Language, factory: str) -> str:
    """Return the name of the pipeline's component of a factory. Raises DeidError if it has none."""
    for name in nlp.pipe_names:
        if nlp.get_pipe_meta(name).factory == factory:
            return name
    raise DeidError(
        f"The pipeline has no {factory} (it has: {', '.join(nlp.pipe_names) or 'nothing'}). "
        "Remedy: train one with configs/quick/ner.cfg."
    )


@contextmanager
def at_operating_point(nlp: Language, point: str) -> Iterator[None]:
    """Use an operating point of the pipeline's ``deid_merge`` meanwhile; "" leaves it as it is.

    Raises DeidError if the pipeline has no such component or point.
    """
    if not point:
        yield
        return
    merge: Any = nlp.get_pipe(component_of(nlp, MERGE))
    before = merge.operating_point
    merge.use(point)
    try:
        yield
    finally:
        merge.use(before)


def left_categories(nlp: Language) -> frozenset[str]:
    """Return the categories that the pipeline's ``deid_merge`` leaves in the text."""
    return frozenset().union(*(getattr(component, "left", ()) for _, component in nlp.pipeline))


def operating_point_of(nlp: Language) -> float | str | None:
    """Return the operating point that the pipeline uses; None for its model's own threshold."""
    points = (getattr(component, "operating_point", None) for _, component in nlp.pipeline)
    return next((point for point in points if point is not None), None)


def load_pipeline(
    model: str | Path, exclude: Iterable[str] = (), settings: Mapping[str, Any] | None = None
) -> Language:
    """Load an installed pipeline or a pipeline's directory.

    Args:
        model: Name of an installed package such as deid_sv, or a directory.
        exclude: Names of components to leave out.
        settings: Changes to its config, such as ``{"components.deid_merge.leave": []}``.

    Raises:
        DeidError: There is no such pipeline, or it cannot be loaded.
    """
    try:
        return spacy.load(model, exclude=exclude, config=dict(settings or {}))
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DeidError(
            f"There is no pipeline {model}, or it is incomplete ({reason.rstrip('.')}). "
            "Remedy: correct the name, install its wheel, or train it first."
        ) from None
