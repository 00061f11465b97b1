"""The input of `spacy package` from a trained student: a pruned pipeline, its metadata and its model card.

A pipeline's string store holds every token of its training data, and its config the paths of the corpus. Neither is
needed to run it: strings are added as texts are read, and labels are kept.
"""

from pathlib import Path

import spacy
import srsly
from spacy.language import Language

from spacy_deid.files import replaced_directory, write_json, write_text
from spacy_deid.pipelines import REDACT, load_pipeline
from spacy_deid.release.card import holds_encoder, model_card, package_meta
from spacy_deid.release.gate import Gate
from spacy_deid.release.provenance import Provenance

MODEL = "model"
META = "package.json"
PACKAGE = "package"
NOTICES = "LICENSES_SOURCES"  # `spacy package` puts a file of this name into the wheel
PUBLIC = 0o644
CORPUS_PATHS = ("train", "dev", "public")


def release(model: Path, out: Path, *, name: str, version: str, provenance: Provenance, gate: Gate) -> None:
    """Write the input of `spacy package`: model/ (pruned, with its card), package.json and an empty package/.

    ``deid_redact`` becomes the pipeline's last component, since training and scoring do not need it. An earlier ``out``
    is replaced as a whole after the new one is complete: setuptools would put files of an earlier build into the wheel.

    Args:
        model: Directory of the trained student.
        out: Folder to write.
        name: The package's name without deid_.
        version: The package's version.
        provenance: The figures of the earlier stages.
        gate: The gate's finding.

    Raises:
        DeidError: ``model`` is not a pipeline, or ``out`` is not an earlier release.
    """
    with replaced_directory(out, META) as new:
        (new / PACKAGE).mkdir()
        nlp = prune(_redacting(model), new / MODEL)
        meta = package_meta(nlp, name, version, provenance, gate)
        write_text(new / MODEL / "README.md", model_card(meta, provenance, gate), PUBLIC)
        if holds_encoder(nlp):
            write_text(new / MODEL / NOTICES, provenance.encoder["notice"], PUBLIC)
        write_json(new / META, meta)


def _redacting(model: Path) -> Language:
    nlp = load_pipeline(model)
    if REDACT not in nlp.pipe_names:
        nlp.add_pipe(REDACT)
    return nlp


def prune(nlp: Language, out: Path) -> Language:
    """Write the pipeline to ``out`` without strings except its labels, and return it as loaded from there."""
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
