"""A trained pipeline without what training left in it: its words and its paths.

A pipeline's string store holds every token it was trained on, and its config where the corpus lay. Neither is needed
to run it: strings come back as texts are read, and labels are kept.
"""

from pathlib import Path

import spacy
import srsly
from spacy.language import Language

from spacy_deid.errors import DeidError

CORPUS_PATHS = ("train", "dev")


def prune(model: Path, out: Path) -> Language:
    """Write the pipeline in ``model`` to ``out`` with no string but its labels, and return it as loaded from there.

    Raises DeidError when ``model`` is no pipeline.
    """
    try:
        nlp = spacy.load(model)
    except OSError as error:
        raise DeidError(f"{model} is not the directory of a trained pipeline. Remedy: train it first.") from error
    config = nlp.config
    for name in CORPUS_PATHS:
        if name in config["paths"]:
            config["paths"][name] = None
    nlp.to_disk(out)
    config.to_disk(out / "config.cfg")
    srsly.write_json(out / "vocab" / "strings.json", labels_of(nlp))
    return spacy.load(out)


def labels_of(nlp: Language) -> list[str]:
    """Return the labels of all components, sorted, each once."""
    return sorted({label for labels in nlp.pipe_labels.values() for label in labels})
