"""A small training of a reader: the quick config with a tiny model and a few annotated notes."""

from pathlib import Path

import spacy
from spacy.tokens import DocBin

from spacy_deid.generate.adapt.settings import read_settings
from spacy_deid.llm.adapt_reader import adapt_reader
from spacy_deid.markup import parse

CONFIG = Path(__file__).parents[2] / "configs" / "quick" / "adapt_read.cfg"
# words of NOTE in decoders.py; "dolor" and "pecho" play the names
GOLD = [
    "paciente <NAME>dolor</NAME> ingresa por fiebre",
    "paciente <NAME>pecho</NAME> recibe su tratamiento .",
    "<NAME>dolor</NAME> y <NAME>pecho</NAME> ingresa",
    "recibe fiebre alta por su tratamiento .",
]


def save_gold(path: Path, notes: list[str]) -> Path:
    """Save annotated notes, which are written in inline markup."""
    nlp = spacy.blank("es")
    docs = []
    for number, note in enumerate(notes):
        text, spans = parse(note)
        doc = nlp.make_doc(text)
        doc._.deid_id = f"note-{number}"
        doc._.deid_gold = [tuple(span) for span in spans]
        docs.append(doc)
    path.write_bytes(DocBin(docs=docs, store_user_data=True).to_bytes())
    return path


def run(overrides, out, **more):
    return adapt_reader(read_settings(CONFIG, {**overrides, **more}), out, quiet=True)
