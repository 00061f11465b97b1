"""The component ``deid_ner``: a model's probability for each token, and the spans of the tokens that it finds."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc, Span
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Config, SequenceCategoricalCrossentropy
from thinc.types import Floats2d

from spacy_deid.annotate.decoding import Floats, FoundSpan, calibrated, found_spans, tags_of
from spacy_deid.annotate.policy import MODEL
from spacy_deid.annotate.token_classifier import TokenClassifier
from spacy_deid.errors import DeidError
from spacy_deid.extensions import sourced_span

CANDIDATES = "deid_candidates"
_SUREST = 0.9999  # a score of 1 is that of check digits and of the caller's record
_SAMPLE = 10  # examples from which the model's layers learn their widths

DEFAULT_MODEL = Config().from_str(
    """
[model]
@architectures = "deid.TokenClassifier.v1"
hidden_width = 64
maxout_pieces = 2

[model.tok2vec]
@architectures = "spacy.HashEmbedCNN.v2"
pretrained_vectors = null
width = 96
depth = 4
embed_size = 2000
window_size = 1
maxout_pieces = 3
subword_features = true
"""
)["model"]


@Language.factory(
    "deid_ner",
    assigns=["doc.ents", "doc.spans", "token.ent_iob", "token.ent_type", "span._.deid_source", "span._.deid_score"],
    default_config={"model": DEFAULT_MODEL, "threshold": 0.5, "scorer": {"@scorers": "spacy.ner_scorer.v1"}},
    default_score_weights={"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None},
)
def make_token_ner(
    nlp: Language, name: str, model: TokenClassifier, threshold: float, scorer: Callable[..., dict[str, Any]] | None
) -> "DeidNer":
    """Make the component.

    Args:
        nlp: The pipeline.
        name: The component's name.
        model: The model, which gives each token a probability for each tag, see ``deid.TokenClassifier.v1``.
        threshold: The least probability of a token of an entity, above 0 and at most 1.
        scorer: The scorer of ``nlp.evaluate``.

    Raises:
        DeidError: The threshold is out of range.
    """
    return DeidNer(nlp.vocab, model, name, threshold=threshold, scorer=scorer)


class DeidNer(TrainablePipe):
    """Finds the tokens whose probability of being in an identifier reaches a threshold, and labels their runs.

    The probability is one minus that of the tag "O", at the temperature that `deid calibrate` fitted. A lower threshold
    therefore finds all tokens that a higher one finds. Entities have the source "model", and as their score the lowest
    probability of their tokens.

    If the component has levels, it also writes the spans at these thresholds to ``doc.spans["deid_candidates"]``:
    the candidates whose score reaches a level cover exactly the tokens that the level finds.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: TokenClassifier,
        name: str,
        *,
        threshold: float = 0.5,
        scorer: Callable[..., dict[str, Any]] | None = None,
    ) -> None:
        if not 0 < threshold <= 1:
            raise DeidError(f"deid_ner: threshold is {threshold}. Remedy: a number above 0 and at most 1.")
        self.vocab = vocab
        self.model = model
        self.name = name
        self.threshold = threshold
        self.scorer = scorer
        self.cfg: dict[str, Any] = {"labels": [], "temperature": 1.0, "levels": []}

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of entities."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> tuple[str, ...]:
        """The labels, for `spacy init labels`."""
        return self.labels

    @property
    def temperature(self) -> float:
        """The temperature of the probabilities."""
        return self.cfg["temperature"]

    def calibrate(self, temperature: float, levels: Sequence[float]) -> None:
        """Set the temperature, above 0, and the thresholds of the candidates, from 0 to 1."""
        self.cfg |= {"temperature": temperature, "levels": list(levels)}

    def add_label(self, label: str) -> int:
        """Add a label before the model is initialised; return 0 if it was there, otherwise 1."""
        if label in self.labels:
            return 0
        if self.model.get_ref("output_layer").has_dim("nO"):
            raise DeidError(
                f"deid_ner: the model has its {len(self.labels)} labels and cannot learn another. "
                "Remedy: train a new model on a corpus with all labels."
            )
        self.cfg["labels"].append(label)
        self.vocab.strings.add(label)
        return 1

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Iterable[str] | None = None,
    ) -> None:
        """Add the labels and give the model its widths.

        Args:
            get_examples: Returns the training examples.
            nlp: The pipeline.
            labels: The labels, as `spacy init labels` writes them; None for those of the examples.

        Raises:
            DeidError: There are no labels.
        """
        validate_get_examples(get_examples, "DeidNer.initialize")
        if labels is None:
            labels = sorted({ent.label_ for example in get_examples() for ent in example.reference.ents})
        for label in labels:
            self.add_label(label)
        if not self.labels:
            raise DeidError(f"{self.name}: the training notes have no marked span. Remedy: give annotated notes.")
        docs = [example.predicted for example in islice(get_examples(), _SAMPLE)]
        tags = len(tags_of(self.labels))
        self.model.initialize(X=docs, Y=[self.model.ops.alloc2f(len(doc), tags) for doc in docs])

    def get_loss(self, examples: Iterable[Example], scores: list[Floats2d]) -> tuple[float, list[Floats2d]]:
        """Return the cross entropy and its gradient; tokens without gold annotation count for nothing."""
        examples = list(examples)
        validate_examples(examples, "DeidNer.get_loss")
        loss = SequenceCategoricalCrossentropy(names=tags_of(self.labels), normalize=False)
        gradient, value = loss(scores, [_gold_tags(example) for example in examples])  # type: ignore[misc]
        return float(value), gradient

    def predict(self, docs: Iterable[Doc]) -> list[Floats]:
        """Return the probabilities of each document, shape (tokens, tags), before calibration."""
        docs = list(docs)
        if not any(map(len, docs)):
            return [np.zeros((0, len(tags_of(self.labels))), dtype=np.float32) for _ in docs]
        return [self.model.ops.to_numpy(of_doc) for of_doc in self.model.predict(docs)]

    def set_annotations(self, docs: Sequence[Doc], scores: Sequence[Floats]) -> None:
        """Write the entities, and the candidates if there are levels.

        Args:
            docs: The documents.
            scores: The probabilities of each, see `predict`.
        """
        probabilities = calibrated(np.concatenate(scores), self.temperature)
        ends = list(accumulate(map(len, docs)))
        for doc, spans in _by_doc(docs, ends, found_spans(probabilities, ends, [self.threshold])):
            doc.set_ents(self._spans(doc, spans))
        if self.cfg["levels"]:
            for doc, spans in _by_doc(docs, ends, found_spans(probabilities, ends, self.cfg["levels"])):
                doc.spans[CANDIDATES] = self._spans(doc, spans)

    def _spans(self, doc: Doc, spans: Iterable[FoundSpan]) -> list[Span]:
        """Return the spans without white space at their ends, which spaCy does not allow."""
        labels, trimmed = self.labels, []
        for start, end, label, score in spans:
            while start < end and doc[start].is_space:
                start += 1
            while start < end and doc[end - 1].is_space:
                end -= 1
            if start < end:
                trimmed.append(sourced_span(doc, start, end, labels[label], MODEL, min(score, _SUREST)))
        return trimmed


def _gold_tags(example: Example) -> list[str | None]:
    return [None if tag == "-" else tag for tag in example.get_aligned_ner()]


def _by_doc(
    docs: Sequence[Doc], ends: Sequence[int], spans: Sequence[FoundSpan]
) -> Iterator[tuple[Doc, list[FoundSpan]]]:
    """Yield each document with its spans, whose tokens are counted from its own first one."""
    place = 0
    for doc, end in zip(docs, ends, strict=True):
        start = end - len(doc)
        own = []
        while place < len(spans) and spans[place].start < end:
            own.append(spans[place]._replace(start=spans[place].start - start, end=spans[place].end - start))
            place += 1
        yield doc, own
