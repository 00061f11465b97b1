"""deid.FormAndContext.v1: one vector for each token, from two embeddings that both learn."""

import numpy
import pytest
from spacy.tokens import Doc
from spacy.util import registry

from spacy_deid.lang.tokenization import fine_blank

WIDTH = 16
VOCAB = fine_blank("xx").vocab
DOCS = [Doc(VOCAB, words=["H.C.", ":", "150679"]), Doc(VOCAB, words=[]), Doc(VOCAB, words=["Ana"])]


def embedding(attribute: str, width: int):
    return {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": width,
        "attrs": [attribute],
        "rows": [50],
        "include_static_vectors": False,
    }


@pytest.fixture
def model():
    """The layer with two small embeddings; `context` has a width of its own, as an encoder's."""
    block = {
        "@architectures": "deid.FormAndContext.v1",
        "width": WIDTH,
        "form": embedding("SHAPE", 8),
        "context": embedding("NORM", 24),
    }
    model = registry.resolve({"model": block})["model"]
    model.initialize(X=DOCS)
    return model


def test_every_token_of_every_doc_has_a_vector_of_the_width(model) -> None:
    assert model.get_dim("nO") == WIDTH
    assert [vectors.shape for vectors in model.predict(DOCS)] == [(len(doc), WIDTH) for doc in DOCS]


def test_tokens_that_differ_in_one_of_both_have_different_vectors(model) -> None:
    (vectors,) = model.predict([Doc(VOCAB, words=["Ana", "Eva", "ana", "Ana"])])
    ana, same_form, same_norm, same = vectors
    assert not numpy.allclose(ana, same_form)
    assert not numpy.allclose(ana, same_norm)
    numpy.testing.assert_array_equal(ana, same)


def test_gradients_reach_form_context_and_mixture(model) -> None:
    vectors, backprop = model.begin_update(DOCS)
    rng = numpy.random.default_rng(0)
    backprop([rng.normal(size=of_doc.shape).astype("f") for of_doc in vectors])

    both, mixture = model.layers
    form, context = both.layers
    for part in (form, context, mixture):
        gradients = [node.get_grad(name) for node in part.walk() for name in node.grad_names]
        assert any(gradient.any() for gradient in gradients)
