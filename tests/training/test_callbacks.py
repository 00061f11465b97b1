"""Callbacks before training: their order, encoders from this machine only, and the record of the training files."""

from pathlib import Path

import pytest
import spacy
from confection import ConfigValidationError
from spacy.util import load_config

from spacy_deid.files import sha256
from spacy_deid.training.callbacks import TRAINED_ON, make_chain, make_local_encoder


def with_encoder(name):
    nlp = spacy.blank("es")
    nlp.add_pipe("transformer", config={"model": {"name": str(name)}})
    return nlp


@pytest.fixture
def encoder(tmp_path):
    for file in ("config.json", "model.safetensors"):
        (tmp_path / file).write_text("{}")
    return tmp_path


def test_a_chain_hands_on_from_first_to_last() -> None:
    def appending(letter):
        return lambda letters: [*letters, letter]

    assert make_chain(appending("a"), appending("b"))([]) == ["a", "b"]
    assert make_chain()([]) == []


def test_a_hub_name_becomes_the_directory_in_the_local_cache(monkeypatch, encoder) -> None:
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda name, **options: str(encoder))
    nlp = with_encoder("someone/some-encoder")

    assert make_local_encoder()(nlp) is nlp

    assert nlp.get_pipe("transformer").model.attrs["name"] == str(encoder)


def test_a_directory_stays_as_it_is(encoder) -> None:
    nlp = make_local_encoder()(with_encoder(encoder))
    assert nlp.get_pipe("transformer").model.attrs["name"] == str(encoder)


def test_an_encoder_that_has_its_weights_already_keeps_its_name() -> None:
    nlp = with_encoder("/no/such/encoder")
    nlp.get_pipe("transformer").model.attrs["has_transformer"] = True

    make_local_encoder()(nlp)

    assert nlp.get_pipe("transformer").model.attrs["name"] == "/no/such/encoder"


def test_an_absent_encoder_is_an_error_that_spacy_shows_without_a_traceback() -> None:
    with pytest.raises(ConfigValidationError, match=r"No model directory at /no/such/encoder.*spacy deid models"):
        make_local_encoder()(with_encoder("/no/such/encoder"))


CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture
def corpora(tmp_path):
    """Files and a folder of notes, of which only the hashes matter here."""
    for name in ("train", "public", "dev/a", "dev/b"):
        (tmp_path / "ward7" / name).with_suffix(".spacy").parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "ward7" / name).with_suffix(".spacy").write_text(name)
    return tmp_path / "ward7"


def initialized(corpora, train: dict):
    dev = {"@readers": "spacy.Corpus.v1", "path": "${paths.dev}"}
    config = {
        "paths": {"dev": str(corpora / "dev")},
        "corpora": {"train": {"@readers": "deid.WithPublic.v1", **train}, "dev": dev},
        "initialize": {"before_init": {"@callbacks": "deid.TrainedOn.v1"}},
    }
    nlp = spacy.blank("es", config=config)
    nlp.initialize()
    nlp.to_disk(corpora / "model")
    return spacy.load(corpora / "model").meta[TRAINED_ON]


def hashes(*files: Path) -> list[str]:
    return sorted(map(sha256, files))


def test_a_pipeline_records_the_hashes_of_the_files_of_its_readers(corpora) -> None:
    train = {"path": str(corpora / "train.spacy"), "public": str(corpora / "public.spacy"), "copies": 2}
    recorded = initialized(corpora, train)
    assert recorded == {
        "train": hashes(corpora / "train.spacy", corpora / "public.spacy"),
        "dev": hashes(corpora / "dev" / "a.spacy", corpora / "dev" / "b.spacy"),
    }
    assert "ward7" not in str(recorded)


def test_a_corpus_without_a_file_has_no_hashes(corpora) -> None:
    assert initialized(corpora, {"path": str(corpora / "absent.spacy")})["train"] == []


@pytest.mark.parametrize("name", ["quick/ner.cfg", "quick/ner_trf.cfg", "full/ner.cfg"])
def test_the_configs_of_a_student_record_its_files(name) -> None:
    assert "deid.TrainedOn.v1" in str(load_config(CONFIGS / name)["initialize"]["before_init"])
