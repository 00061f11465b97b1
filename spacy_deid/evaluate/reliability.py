"""The reliability of a model's probabilities on held-out notes, and the temperature that makes them reliable.

A temperature divides the logits before the softmax (Guo et al. 2017). It changes neither the most probable tag nor the
order of the probabilities much, only their distance from 0 and 1.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc

from spacy_deid.annotate.decoding import Floats, calibrated, of_identifier
from spacy_deid.evaluate.evaluate import BATCH_SIZE, Annotated, check_all_read
from spacy_deid.extensions import CharSpan

BINS = 10
_TEMPERATURES = np.geomspace(0.25, 8, 201)
_LEAST = 1e-12  # in place of a probability of 0
_DIGITS = 4


def reliability(nlp: Language, name: str, gold: Sequence[Annotated]) -> dict[str, Any]:
    """Return the temperature of the component ``name`` on gold notes, and how reliable it makes the probabilities.

    Args:
        nlp: The pipeline.
        name: The name of its ``deid_ner``.
        gold: The held-out notes.

    Returns:
        "temperature", and under "uncalibrated" and "calibrated" the expected calibration error and bins of
        probability, see `reliability_table`.
    """
    probabilities, is_identifier = _tokens(nlp, name, gold)
    temperature = fitted_temperature(probabilities, is_identifier)
    return {
        "temperature": temperature,
        "uncalibrated": bins(of_identifier(probabilities), is_identifier),
        "calibrated": bins(of_identifier(calibrated(probabilities, temperature)), is_identifier),
    }


def fitted_temperature(probabilities: Floats, is_identifier: NDArray[np.bool_]) -> float:
    """Return the temperature at which it is most likely which tokens are in an identifier, from 0.25 to 8.

    Args:
        probabilities: Shape (tokens, tags), uncalibrated.
        is_identifier: Whether each token is in an identifier.
    """
    losses = [_loss(probabilities, is_identifier, temperature) for temperature in _TEMPERATURES]
    return round(float(_TEMPERATURES[np.argmin(losses)]), _DIGITS)


def bins(probability: Floats, is_identifier: NDArray[np.bool_]) -> dict[str, Any]:
    """Compare probabilities with the share of tokens that are really in an identifier.

    Args:
        probability: Of each token, that it is in an identifier.
        is_identifier: Whether it is.

    Returns:
        "error", the mean distance of both over the tokens (expected calibration error), and "bins" of equal width:
        their number of tokens, mean probability and share in an identifier; None without tokens.
    """
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    rows: list[dict[str, Any]] = []
    for number in range(BINS):
        within = place == number
        tokens = int(within.sum())
        mean, share = (float(of[within].mean()) if tokens else None for of in (probability, is_identifier))
        rows.append({"tokens": tokens, "probability": mean, "share": share})
    distances = [row["tokens"] * abs(row["probability"] - row["share"]) for row in rows if row["tokens"]]
    return {"error": sum(distances) / len(probability), "bins": rows}


def _tokens(nlp: Language, name: str, gold: Sequence[Annotated]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the uncalibrated probabilities of all tokens with text, and whether each is in a gold identifier."""
    ner: Any = nlp.get_pipe(name)
    with nlp.select_pipes(enable=nlp.pipe_names[: nlp.pipe_names.index(name)]):
        docs = list(nlp.pipe([text for text, _ in gold], batch_size=BATCH_SIZE))
    check_all_read([text for text, _ in gold], [doc.text for doc in docs])
    batches = [docs[start : start + BATCH_SIZE] for start in range(0, len(docs), BATCH_SIZE)]
    probabilities = np.concatenate([of_doc for batch in batches for of_doc in ner.predict(batch)])
    is_identifier = np.concatenate([_marked(doc, spans) for doc, (_, spans) in zip(docs, gold, strict=True)])
    with_text = np.array([not token.is_space for doc in docs for token in doc], dtype=np.bool_)
    return probabilities[with_text].astype(np.float64), is_identifier[with_text]


def _marked(doc: Doc, spans: Iterable[CharSpan]) -> NDArray[np.bool_]:
    """Return for each token whether a span touches it."""
    marked = np.zeros(len(doc.text), dtype=np.bool_)
    for span in spans:
        marked[span.start : span.end] = True
    return np.array([marked[token.idx : token.idx + len(token)].any() for token in doc], dtype=np.bool_)


def _loss(probabilities: Floats, is_identifier: NDArray[np.bool_], temperature: float) -> float:
    """Return the mean negative log likelihood of being in an identifier or not."""
    tags = calibrated(probabilities, temperature)
    of_truth = np.where(is_identifier, of_identifier(tags), tags[:, 0])
    return float(-np.log(np.maximum(of_truth, _LEAST)).mean())
