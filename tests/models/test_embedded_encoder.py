"""The converted encoder: it has the same vectors as the full one, and works in spacy-transformers."""

import numpy as np
import pytest
import spacy

from spacy_deid.models.encoder import convert_encoder
from spacy_deid.models.resolve import resolve
from spacy_deid.models.sources import source
from spacy_deid.models.vocabulary import Cut

pytestmark = pytest.mark.models

TEXTS = [
    "La paciente Ana García Pérez, de 54 años, ingresa en el Hospital Clínico el 12/03/2019.",
    "Patienten Åsa Öberg, född 1970, vårdas på Karolinska sjukhuset i Stockholm.",
    "The patient was admitted on Monday; phone 08-123 45 67.",
]


def load(directory):
    from transformers import AutoModel, AutoTokenizer

    directory = resolve(str(directory))
    return (
        AutoTokenizer.from_pretrained(directory, local_files_only=True),
        AutoModel.from_pretrained(directory, add_pooling_layer=False, local_files_only=True).eval(),
    )


def vectors(tokenizer, model, text) -> np.ndarray:
    import torch

    with torch.inference_mode():
        return model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].numpy()


@pytest.fixture(scope="module")
def cut(embedded_models):
    return load(embedded_models / "encoder")


@pytest.fixture(scope="module")
def uncut(tmp_path_factory):
    directory = tmp_path_factory.mktemp("uncut")
    weights, tokenizer = (file.verified() for file in source("encoder").files)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "spacy_deid.models.encoder.cut_unigram",
            lambda spec, forms: Cut(spec, list(range(len(spec["model"]["vocab"])))),
        )
        convert_encoder(weights, tokenizer, [], directory)
    return load(directory)


@pytest.mark.parametrize("text", TEXTS)
def test_cut_and_uncut_give_the_same_vectors(cut, uncut, text):
    assert cut[0].tokenize(text) == uncut[0].tokenize(text)
    ours, theirs = vectors(*cut, text), vectors(*uncut, text)
    norms = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    assert ((ours * theirs).sum(axis=1) / norms).min() > 0.9999


def test_meaning_survives_the_conversion(cut):
    """A sentence is nearer to its translation than to another sentence; e5 is used with mean pooling."""
    texts = ["Patienten har feber och hosta.", "El paciente tiene fiebre y tos.", "El tren sale a las ocho."]
    means = [vectors(*cut, f"query: {text}").mean(axis=0) for text in texts]
    swedish, spanish, train = (mean / np.linalg.norm(mean) for mean in means)
    assert swedish @ spanish > swedish @ train + 0.05


def test_special_ids_are_in_the_order_of_xlm_r(cut):
    tokenizer, model = cut
    assert tokenizer.convert_tokens_to_ids(["<s>", "<pad>", "</s>", "<unk>"]) == [0, 1, 2, 3]
    assert tokenizer.mask_token_id == len(tokenizer) - 1 == model.config.vocab_size - 1
    assert model.config.pad_token_id == tokenizer.pad_token_id
    assert tokenizer.model_max_length == model.config.max_position_embeddings == 512


def test_latin_text_has_no_unknown_piece(cut):
    tokenizer, _ = cut
    text = "ÀÉÎÕÜÑÇŠŽØÅÄÖ àéîõüñçšžøåäö ¿? ¡! º ª € % µg ±2 «cita» “cita” – — … 0123456789 @_#&*+=<>[]{}|\\/~^`"
    assert tokenizer.unk_token_id not in tokenizer(text).input_ids


def test_it_is_at_home_in_spacy_transformers(embedded_models, tmp_path):
    pytest.importorskip("spacy_transformers")
    nlp = spacy.blank("es")
    nlp.add_pipe(
        "transformer",
        config={
            "model": {
                "@architectures": "spacy-transformers.TransformerModel.v3",
                "name": resolve(str(embedded_models / "encoder")),
                "tokenizer_config": {"use_fast": True},
                "get_spans": {"@span_getters": "spacy-transformers.strided_spans.v1", "window": 96, "stride": 72},
            }
        },
    )
    nlp.initialize()
    nlp.to_disk(tmp_path / "pipeline")
    again = spacy.load(tmp_path / "pipeline")
    for text in TEXTS:
        before, after = nlp(text)._.trf_data, again(text)._.trf_data
        assert all(length > 0 for length in before.align.lengths)  # every token got a vector
        np.testing.assert_array_equal(before.model_output.last_hidden_state, after.model_output.last_hidden_state)


def test_licences_lie_beside_the_model(embedded_models):
    notice = (embedded_models / "encoder" / "NOTICE").read_text("utf8")
    for part in ("MIT License", "Copyright (c) 2023 Intfloat", "Apache License 2.0", "Modified by spacy-deid"):
        assert part in notice
    assert "Apache License" in (embedded_models / "encoder" / "LICENSE.tokenizer").read_text("utf8")
