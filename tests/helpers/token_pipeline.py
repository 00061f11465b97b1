"""A small pipeline with `deid_ner`, trained on three notes, for several test files."""

from typing import Any

from spacy.language import Language
from spacy.training import Example

import spacy_deid.annotate.token_ner  # noqa: F401  registers deid_ner
from spacy_deid.annotate.operating_points import CurvePoint, OperatingPoints
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse

NOTES = (
    "<NAME>Anna Ek</NAME> sov gott den <DATE>3 maj</DATE>.",
    "Ingen sov.",
    "<NAME>Bo Al</NAME> kom hit den <DATE>4 juni</DATE>.",
)
NARROW = {"@architectures": "spacy.HashEmbedCNN.v2", "pretrained_vectors": None, "width": 16, "depth": 2}
TOK2VEC = NARROW | {"embed_size": 200, "window_size": 1, "maxout_pieces": 2, "subword_features": True}
MODEL = {"@architectures": "deid.TokenClassifier.v1", "tok2vec": TOK2VEC, "hidden_width": 16}


def examples(nlp: Language, notes=NOTES) -> list[Example]:
    made = []
    for text, spans in map(parse, notes):
        entities = [tuple(span) for span in spans]
        made.append(Example.from_dict(nlp.make_doc(text), {"entities": entities}))
    return made


def trained(*more: str, steps: int = 40, **config: Any) -> Language:
    """Return a pipeline of `deid_ner` and the components ``more``, of which the first has learnt the notes."""
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_ner", config={"model": MODEL, **config})
    notes = examples(nlp)
    optimizer = nlp.initialize(lambda: notes)
    optimizer.learn_rate = 0.01
    for _ in range(steps):
        nlp.update(notes, sgd=optimizer)
    for name in more:
        nlp.add_pipe(name)
    return nlp


def operating_points(balanced: float = 0.5, careful: float = 0.2, strict: float = 0.05) -> OperatingPoints:
    """Return operating points whose curve has a recall of .9, .95 and .99 at the three thresholds."""
    thresholds = {"balanced": balanced, "careful": careful, "strict": strict}
    figure = {"value": 0.01, "low": 0.0, "high": 0.02}
    curve = [
        CurvePoint(threshold, figure | {"value": recall}, figure, figure)
        for threshold, recall in zip(thresholds.values(), (0.9, 0.95, 0.99), strict=True)
    ]
    reliability = {"temperature": 1.0, "calibrated": {"error": 0.01, "bins": []}}
    limits = {"balanced": 0.015, "careful": 0.03, "strict": 0.06}
    return OperatingPoints(thresholds, limits, tuple(curve), {"notes": 3, "made": ""}, reliability)
