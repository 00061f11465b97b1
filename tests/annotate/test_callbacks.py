"""What runs before training: callbacks in their order; encoders from this machine alone."""

import pytest
import spacy
from confection import ConfigValidationError

from spacy_deid.annotate.chain import make_chain
from spacy_deid.annotate.local_encoder import make_local_encoder


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


def test_an_encoder_that_has_its_weights_already_is_not_looked_for() -> None:
    nlp = with_encoder("/no/such/encoder")
    nlp.get_pipe("transformer").model.attrs["has_transformer"] = True
    make_local_encoder()(nlp)


def test_an_absent_encoder_is_an_error_that_spacy_shows_without_a_traceback() -> None:
    with pytest.raises(ConfigValidationError, match=r"No model directory at /no/such/encoder.*spacy deid models"):
        make_local_encoder()(with_encoder("/no/such/encoder"))
