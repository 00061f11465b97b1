"""A small adaptation: the quick config with a tiny model and a few short notes."""

from pathlib import Path

import spacy
from spacy.tokens import DocBin

from spacy_deid.generate.adapt.run import adapt
from spacy_deid.generate.adapt.settings import read_settings

CONFIG = Path(__file__).parents[2] / "configs" / "quick" / "adapt.cfg"


def save_corpus(path: Path, texts: list[str]) -> Path:
    nlp = spacy.blank("es")
    path.write_bytes(DocBin(docs=(nlp.make_doc(text) for text in texts)).to_bytes())
    return path


def run(overrides, out, **more):
    return adapt(read_settings(CONFIG, {**overrides, **more}), out, quiet=True)
