"""configs/quick/ner_trf.cfg and deid_ner with a tiny encoder: which weights learn, and what is loaded from disk."""

from pathlib import Path

import numpy
import pytest
import spacy
import torch
from spacy.language import Language
from spacy.training import Corpus
from spacy.training.initialize import init_nlp
from spacy.util import load_config
from thinc.api import Adam
from transformers import BertConfig, BertModel, BertTokenizerFast

from spacy_deid.corpus.formats.docbin import write
from spacy_deid.lang.tokenization import fine_blank

CONFIG = Path(__file__).parents[2] / "configs" / "quick" / "ner_trf.cfg"
FULL = CONFIG.parents[1] / "full" / "ner.cfg"
LETTERS = "abcdefghijklmnopqrstuvwxyzåABEOPL0123456789.,:"


@pytest.fixture(autouse=True)
def precision():
    """Restore the setting that the config's callback changes for the whole process."""
    before = torch.get_float32_matmul_precision()
    yield
    torch.set_float32_matmul_precision(before)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory) -> Path:
    """A BERT of one layer with random weights; its pieces are single letters."""
    folder = tmp_path_factory.mktemp("encoder")
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    (folder / "vocab.txt").write_text("\n".join(pieces), "utf8")
    BertTokenizerFast(str(folder / "vocab.txt"), do_lower_case=False).save_pretrained(folder)
    torch.manual_seed(0)
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(vocab_size=len(pieces), **size)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def notes(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("notes") / "notes.spacy"
    docs = list(fine_blank("sv").pipe(f"Pat: {name}, 45 år." for name in ("Ana Ek", "Bo Lind", "Eva Berg", "Ali Ek")))
    for doc in docs:
        doc.set_ents([doc.char_span(5, doc.text.index(","), label="NAME")])
    write(docs, path)
    return path


@pytest.fixture
def nlp(encoder: Path, notes: Path) -> Language:
    paths = {"paths.train": str(notes), "paths.dev": str(notes), "paths.encoder": str(encoder)}
    return init_nlp(load_config(CONFIG, overrides={**paths, "nlp.lang": "sv"}, interpolate=True))


def weights(nlp: Language) -> dict[str, list[numpy.ndarray]]:
    """Return copies of the weights: of the encoder, and of the layers on it."""
    (torch_module,) = [shim._model for node in nlp.get_pipe("transformer").model.walk() for shim in node.shims]
    layers = list(nlp.get_pipe("ner").model.walk())
    return {
        "encoder": [tensor.numpy().copy() for tensor in torch_module.state_dict().values()],
        "form": [node.get_param("E").copy() for node in layers if node.name == "hashembed"],
        "mixture": [node.get_param("W").copy() for node in layers if node.name == "maxout"],
    }


def test_form_and_what_joins_it_with_the_context_learn_and_the_encoder_stays(nlp: Language, notes: Path) -> None:
    optimizer = Adam(0.001, L2=0.0)  # nothing moves but by its gradient
    before = weights(nlp)

    for _ in range(3):  # the parser's last layer starts at zero
        nlp.update(list(Corpus(notes)(nlp)), sgd=optimizer, exclude=["transformer"], annotates=["transformer"])

    after = weights(nlp)
    moved = {
        part: any((old != new).any() for old, new in zip(old_weights, after[part], strict=True))
        for part, old_weights in before.items()
    }
    assert moved == {"form": True, "mixture": True, "encoder": False}


def test_the_context_counts(nlp: Language) -> None:
    doc = nlp("Pat: Eva Ek, 45 år.")
    tok2vec = nlp.get_pipe("ner").model.get_ref("tok2vec")
    with_context = tok2vec.predict([doc])
    doc._.trf_data.model_output.last_hidden_state[:] = 0
    without = tok2vec.predict([doc])
    assert any((old != new).any() for old, new in zip(with_context, without, strict=True))


def test_what_is_saved_finds_the_same(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path)
    text = "Pat: Eva Ek, 45 år, 850412-2386."
    ours, theirs = (pipeline(text) for pipeline in (nlp, spacy.load(tmp_path)))

    assert "850412-2386" in [ent.text for ent in theirs.ents]
    assert [(ent.text, ent.label_) for ent in theirs.ents] == [(ent.text, ent.label_) for ent in ours.ents]
    numpy.testing.assert_array_equal(*(doc._.trf_data.model_output.last_hidden_state for doc in (ours, theirs)))


def test_a_token_classifier_learns_through_the_listener_of_an_encoder_that_learns(encoder: Path, notes: Path) -> None:
    paths = {"paths.train": str(notes), "paths.dev": str(notes), "paths.encoder": str(encoder)}
    on_a_cpu = {"system.gpu_allocator": None, "components.transformer.model.mixed_precision": False}
    config = load_config(FULL, overrides={**paths, **on_a_cpu, "nlp.lang": "sv"})
    listener = config["components"]["ner"]["model"]["tok2vec"]
    model = {"@architectures": "deid.TokenClassifier.v1", "hidden_width": 16, "tok2vec": listener}
    config["components"]["ner"] = {"factory": "deid_ner", "model": model}
    nlp = init_nlp(config.interpolate())
    examples = list(Corpus(notes)(nlp))
    optimizer = Adam(0.01, L2=0.0)
    before = weights(nlp)["encoder"]

    losses = [nlp.update(examples, sgd=optimizer, losses={})["ner"] for _ in range(30)]

    assert losses[-1] < losses[0] / 2
    assert any((old != new).any() for old, new in zip(before, weights(nlp)["encoder"], strict=True))
