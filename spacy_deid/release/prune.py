"""A trained pipeline without what training left in it: its words and its paths.

A pipeline's string store holds every token it was trained on, and its config where the corpus lay. Neither is needed
to run it: strings come back as texts are read, and labels are kept.
"""

from pathlib import Path

import spacy
import srsly
from spacy.language import Language

CORPUS_PATHS = ("train", "dev", "public")


def prune(nlp: Language, out: Path) -> Language:
    """Write the pipeline to ``out`` with no string but its labels, and return it as loaded from there."""
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
