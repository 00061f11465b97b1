"""The architecture ``deid.TokenClassifier.v1``: a softmax over the tags of each token."""

from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Maxout, Model, Softmax_v2, chain, with_array
from thinc.types import Floats2d

TokenClassifier = Model[list[Doc], list[Floats2d]]


@registry.architectures("deid.TokenClassifier.v1")
def make_token_classifier(
    tok2vec: TokenClassifier,
    hidden_width: int = 64,
    maxout_pieces: int = 2,
    nO: int | None = None,  # noqa: N803
) -> TokenClassifier:
    """Return the architecture ``deid.TokenClassifier.v1`` of ``deid_ner``.

    Args:
        tok2vec: Vectors of the tokens: a tok2vec or transformer, or a listener to one.
        hidden_width: Width of a layer between the vectors and the softmax; 0 for none.
        maxout_pieces: Pieces of that layer, at least 1.
        nO: Number of tags; None until the component is initialised.
    """
    width = tok2vec.get_dim("nO") if tok2vec.has_dim("nO") else None
    softmax = Softmax_v2(nO=nO, nI=hidden_width or width)
    head: Model[Floats2d, Floats2d] = softmax
    if hidden_width:
        hidden = Maxout(nO=hidden_width, nI=width, nP=maxout_pieces, dropout=0.0, normalize=True)
        head = chain(hidden, softmax)
    model: TokenClassifier = chain(tok2vec, with_array(head))
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("output_layer", softmax)
    return model
