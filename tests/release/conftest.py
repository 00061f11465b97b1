"""A student trained on one invented note, and the results of all earlier stages."""

from pathlib import Path

import pytest
import spacy
import srsly
from made_stages import AUDITED, NOTE, SPANS, save_audit, score, tell_training
from spacy.training import Example

from spacy_deid.corpus.formats.docbin import write
from spacy_deid.evaluate.run import evaluate_file
from spacy_deid.files import sha256


@pytest.fixture(scope="module")
def student(tmp_path_factory) -> Path:
    """A small pipeline, really trained, on one made-up note."""
    nlp = spacy.blank("es", config={"nlp": {"tokenizer": {"@tokenizers": "deid.FineTokenizer.v1"}}})
    nlp.add_pipe("ner")
    nlp.config["paths"] |= {name: f"secure/ward7/{name}.spacy" for name in ("train", "dev", "public")}
    example = Example.from_dict(nlp.make_doc(NOTE), SPANS)
    nlp.initialize(lambda: [example])
    for _ in range(20):
        nlp.update([example])
    folder = tmp_path_factory.mktemp("student")
    nlp.to_disk(folder)
    return folder


@pytest.fixture
def stages(tmp_path: Path, student: Path) -> dict[str, Path]:
    """Results of all stages before, scored for real on the training note; the synthetic counts are made up."""
    nlp = spacy.blank("es")
    doc = nlp.make_doc(NOTE)
    doc._.deid_id = "1"
    doc._.deid_gold = [list(span) for span in SPANS["entities"]]
    write([doc], tmp_path / "test.spacy")
    write([doc], tmp_path / "public.spacy")
    source = {"name": "made-up notes", "url": "", "citation": "nobody", "licence": "CC0", "made": ""}
    manifests = {
        "corpus/manifest.json": {
            "inputs": {"lang": "es", "source": source},
            "notes": {"train": 450, "public": 900},
            "outputs": {"public.spacy": sha256(tmp_path / "public.spacy")},
            "shared_groups": {"train/test": 3, "train/dev": 0},
        },
        "synthetic/manifest.json": {
            "shards": [{"notes": 64}, {"notes": 36}],
            "corpus": {"files": {"train.spacy": {"notes": 70}, "dev.spacy": {"notes": 8}}},
        },
        "adapter/adaptation.json": {"notes": {"train": 450, "public": 200}},
        "lm/manifest.json": {"model": "Some LM", "url": "", "licence": "Some Terms"},
        "encoder/manifest.json": {"model": "Some encoder", "url": "", "licence": "Encoder Terms"},
    }
    for name, manifest in manifests.items():
        (tmp_path / name).parent.mkdir()
        srsly.write_json(tmp_path / name, manifest)
    notes = {name: tmp_path / path for name, path in AUDITED.items()}
    for name, path in notes.items():
        write([nlp.make_doc(name)], path / "train.spacy" if name == "synthetic" else path)
    save_audit(tmp_path)
    tell_training(student, tmp_path / "synthetic" / "train.spacy", tmp_path / "public.spacy")
    evaluate_file(str(student), tmp_path / "test.spacy", tmp_path / "gold.json", quiet=True)
    score(student, tmp_path)
    return {
        **{name: tmp_path / f"{name}.json" for name in ("gold", "student", "audit")},
        **{name: tmp_path / name for name in ("corpus", "synthetic", "adapter", "lm", "encoder")},
    }
