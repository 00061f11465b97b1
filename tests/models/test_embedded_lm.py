"""The converted language model: the correct tokenizer, the correct weights, ready for sampling."""

import math

import pytest

from spacy_deid.models.resolve import resolve

pytestmark = pytest.mark.models

SPANISH = (
    "Paciente mujer de 71 años, con antecedentes de hipertensión arterial y diabetes, que acude a urgencias por "
    "dificultad para respirar y fiebre de tres días de evolución. En la radiografía de tórax se observa una neumonía "
    "en el lóbulo inferior derecho. Se inicia tratamiento antibiótico por vía intravenosa y la paciente recibe el "
    "alta a los seis días, sin fiebre y con buen estado general."
)
SWEDISH = (
    "Patienten är en kvinna som söker vård för andnöd och feber sedan tre dagar. Hon får behandling och mår bättre."
)


@pytest.fixture(scope="module")
def tokenizer(embedded_models):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(resolve(str(embedded_models / "lm")), local_files_only=True)


@pytest.fixture(scope="module")
def model(embedded_models):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(
        resolve(str(embedded_models / "lm")), torch_dtype="auto", local_files_only=True
    ).eval()


def perplexity(model, ids) -> float:
    import torch

    with torch.inference_mode():
        return math.exp(model(input_ids=ids, labels=ids).loss.item())


def test_words_are_not_torn_apart(tokenizer):
    assert tokenizer.tokenize("The patient was admitted") == ["The", "▁patient", "▁was", "▁admitted"]


@pytest.mark.parametrize(("text", "most"), [(SPANISH, 1.35), (SWEDISH, 1.75)])
def test_common_words_are_few_pieces(tokenizer, text, most):
    assert len(tokenizer.tokenize(text)) / len(text.split()) < most


@pytest.mark.parametrize(
    "text", [SPANISH, SWEDISH, "Fecha  de   nacimiento:\t01/02/1970.\r\n\n\nNHC: 12345A “5 µg” ñÑåÅ 中文 😀 \u200b я"]
)
def test_decoding_gives_the_text_back(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False)) == text


def test_spanish_clinical_text_is_likely(model, tokenizer):
    """With transformers' own reading of the GGUF tokenizer the perplexity is in the hundreds."""
    assert perplexity(model, tokenizer(SPANISH, return_tensors="pt").input_ids) < 40


def test_the_perplexity_bound_tells_a_wrong_order_of_rows(model, tokenizer):
    """Ids shifted by one are an example of a vocabulary that does not match the rows."""
    ids = tokenizer(SPANISH, return_tensors="pt").input_ids
    assert perplexity(model, (ids + 1) % len(tokenizer)) > 400


def test_batches_are_padded_on_the_left_and_start_with_bos(tokenizer):
    batch = tokenizer(["Paciente", "Paciente varón de 54 años"], padding=True).input_ids
    assert batch[0][0] == tokenizer.pad_token_id
    assert batch[1][0] == tokenizer.bos_token_id


def test_configuration_and_tokenizer_agree(model, tokenizer):
    import torch

    assert model.dtype == torch.bfloat16
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
    assert model.config.vocab_size == len(tokenizer) == model.get_input_embeddings().num_embeddings
    for config in (model.config, model.generation_config):
        for name in ("bos_token_id", "eos_token_id", "pad_token_id"):
            assert getattr(config, name) == getattr(tokenizer, name)


def test_terms_and_notice_lie_beside_the_model(embedded_models):
    notice = (embedded_models / "lm" / "NOTICE").read_text("utf8")
    assert "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms" in notice
    assert "Modified by spacy-deid" in notice
    assert "Gemma Terms of Use" in (embedded_models / "lm" / "GEMMA_TERMS.html").read_text("utf8")
