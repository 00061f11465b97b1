"""From a trained student to what `spacy package` takes: a pruned pipeline, its metadata and its model card."""

import tempfile
from pathlib import Path

from spacy_deid.files import write_json, write_text
from spacy_deid.release.card import model_card, package_meta
from spacy_deid.release.provenance import Provenance
from spacy_deid.release.prune import prune

MODEL = "model"
META = "package.json"
PACKAGE = "package"
PUBLIC = 0o644


def release(model: Path, out: Path, *, name: str, version: str, provenance: Provenance) -> None:
    """Write to ``out``: model/, the pruned pipeline with its card, package.json, its metadata, and an empty package/.

    An earlier ``out`` is replaced as a whole, when the new one is complete: setuptools puts whatever an earlier build
    has left in its folder into the wheel.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
        new = Path(folder) / "new"
        (new / PACKAGE).mkdir(parents=True)
        nlp = prune(model, new / MODEL)
        meta = package_meta(nlp, name, version, provenance)
        write_text(new / MODEL / "README.md", model_card(meta, provenance), PUBLIC)
        write_json(new / META, meta)
        if out.exists():
            out.replace(Path(folder) / "old")
        new.replace(out)
