"""Presidio: a recognizer that runs a pipeline, and an anonymizer that redacts as ``deid_redact`` does.

A YAML configuration names the recognizer by its class once this module is imported; see docs/presidio.yaml.
"""

from collections.abc import Iterable
from typing import Any

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_anonymizer.entities import EngineResult, OperatorResult
from spacy.language import Language
from spacy.tokens import Doc, Span

from spacy_deid.annotate.policy import Claim, resolve
from spacy_deid.annotate.ranges import Cover, TokenRanges
from spacy_deid.labels import categories, category_of
from spacy_deid.pipelines import REDACT, load_pipeline

_SCORE_OF_A_MODEL = 0.85  # the score of Presidio's own spaCy recognizer
# category -> Presidio's name; the other categories keep their names
PRESIDIO_NAMES = {
    "NAME": "PERSON",
    "DATE": "DATE_TIME",
    "PHONE": "PHONE_NUMBER",
    "EMAIL": "EMAIL_ADDRESS",
}
_CATEGORIES = {name: category for category, name in PRESIDIO_NAMES.items()}


class DeidRecognizer(EntityRecognizer):
    """Finds identifiers with a pipeline; Presidio's NLP engine can be "no_op"."""

    def __init__(self, name: str = "deid_sv", supported_language: str | None = None, **options: Any) -> None:
        """Load the pipeline.

        Args:
            name: The package or directory of the pipeline, since the name is all that YAML can give.
            supported_language: By default the pipeline's own.
            options: See Presidio's EntityRecognizer.
        """
        self._nlp = load_pipeline(name, exclude=[REDACT])
        options.setdefault("supported_entities", [PRESIDIO_NAMES.get(each, each) for each in categories()])
        super().__init__(name=name, supported_language=supported_language or str(self._nlp.lang), **options)

    def load(self) -> None:
        """Do nothing: the pipeline is loaded already."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Return the identifiers in a text.

        Args:
            text: The text.
            entities: Presidio's names of the wanted entities. Empty or None for all.
            nlp_artifacts: Not used."""
        results = []
        for ent in self._nlp(text).ents:
            category = category_of(ent.label_)
            name = PRESIDIO_NAMES.get(category, category)
            if not entities or name in entities:
                score = _SCORE_OF_A_MODEL if ent._.deid_score is None else ent._.deid_score
                results.append(RecognizerResult(name, ent.start_char, ent.end_char, score))
        return results


class DeidAnonymizer:
    """Takes the place of Presidio's AnonymizerEngine: it replaces all results of a document at once, by a policy.

    A person therefore has one surrogate throughout. An operator of Presidio sees only one value at a time.
    """

    def __init__(self, nlp: Language) -> None:
        """Take a pipeline whose ``deid_redact`` has the wanted mode or policy."""
        self._nlp = nlp

    def anonymize(self, text: str, analyzer_results: Iterable[RecognizerResult]) -> EngineResult:
        """Return the redacted text, with an item for each replacement.

        Results are widened to whole tokens. All letters of overlapping results are redacted. An entity name that the
        package does not know is redacted by the policy's default.
        """
        doc = self._nlp.make_doc(text)
        tokens = TokenRanges(doc)
        places = [(result, tokens.expanded(result.start, result.end)) for result in analyzer_results]
        claims = [
            Claim(*place, _CATEGORIES.get(result.entity_type, result.entity_type), "presidio", result.score)
            for result, place in places
            if place
        ]
        resolved = resolve(claims, Cover([]), lambda index: any(map(str.isalnum, doc[index].text)))
        doc.set_ents([Span(doc, claim.start, claim.end, label=claim.label) for claim in resolved])
        return _engine_result(self._nlp.get_pipe(REDACT)(doc))


def _engine_result(doc: Doc) -> EngineResult:
    items = []
    for start, end, text, label, mode in doc._.deid_replacements:
        new_start, new_end = doc._.deid_offsets.to_redacted(start, end)
        items.append(OperatorResult(new_start, new_end, PRESIDIO_NAMES.get(label, label), text, mode))
    return EngineResult(doc._.deid_text, items)
