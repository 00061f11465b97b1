"""A word's form beside its transformer vector: the embedding layer of a transformer annotator."""

from spacy.tokens import Doc
from thinc.api import Maxout, Model, chain, concatenate, with_array
from thinc.types import Floats2d

Embedding = Model[list[Doc], list[Floats2d]]


def make_form_and_context(width: int, form: Embedding, context: Embedding) -> Embedding:
    """Return the architecture ``deid.FormAndContext.v1``: both embeddings of each token, mixed to ``width``.

    Identifiers differ in form (H.C.: 150679) as much as in context. A small encoder whose pieces hide the form, and a
    few hundred steps, are too little to learn that from context alone, so ``form`` (such as spacy.MultiHashEmbed.v2)
    stands beside ``context`` (a listener to a transformer). For the place of ``embed`` in spacy.Tok2Vec.v2.
    """
    mix: Model[Floats2d, Floats2d] = Maxout(nO=width, nP=3, dropout=0.0, normalize=True)
    model: Embedding = chain(concatenate(form, context), with_array(mix))
    model.set_dim("nO", width)
    return model
