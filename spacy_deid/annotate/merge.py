"""The component ``deid_merge``: what the model and the rules found, as the entities of the Doc."""

from collections.abc import Callable
from typing import Any

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc, Span

from spacy_deid.annotate.policy import Claim, resolve
from spacy_deid.annotate.ranges import Cover
from spacy_deid.annotate.repeated import repetitions
from spacy_deid.annotate.rules import GUARDS, RULES
from spacy_deid.extensions import sourced_span

MODEL = "deid_model"


@Language.factory(
    "deid_merge",
    requires=["doc.spans"],
    assigns=["doc.ents", "doc.spans", "span._.deid_source", "span._.deid_score"],
    default_config={"propagate": True, "rules_key": RULES, "scorer": {"@scorers": "spacy.ner_scorer.v1"}},
)
def make_merge(
    nlp: Language, name: str, propagate: bool, rules_key: str, scorer: Callable[..., dict[str, Any]] | None
) -> "DeidMerge":
    """Make the component; the settings: see DeidMerge."""
    return DeidMerge(name, propagate=propagate, rules_key=rules_key, scorer=scorer)


class DeidMerge(Pipe):
    """Writes ``doc.ents`` from the entities that the Doc has and the rules' spans, by the policy of `resolve`.

    Every letter and digit that a source found is within an entity, save what a guard explains and no check digit or
    record confirms. The Doc's own entities go to ``doc.spans["deid_model"]`` first, with the source "model".

    propagate: find further occurrences of names and numbers, see `repetitions`. rules_key: the span_key of
    ``deid_rules``; without that component the model's entities stand alone. scorer: of ``nlp.evaluate``.
    """

    def __init__(
        self, name: str, *, propagate: bool, rules_key: str, scorer: Callable[..., dict[str, Any]] | None
    ) -> None:
        self.name = name
        self.propagate = propagate
        self.rules_key = rules_key
        self.scorer = scorer

    def __call__(self, doc: Doc) -> Doc:
        """Merge the spans of one Doc."""
        doc.spans[MODEL] = [sourced_span(doc, ent.start, ent.end, ent.label_, "model", None) for ent in doc.ents]
        guards = Cover((guard.start, guard.end) for guard in _group(doc, GUARDS))
        claims = [_claim(span) for key in (MODEL, self.rules_key) for span in _group(doc, key)]
        merged = resolve(claims, guards, lambda index: any(map(str.isalnum, doc[index].text)))
        if self.propagate:
            merged += repetitions(doc, merged, guards)
        doc.set_ents(
            [sourced_span(doc, claim.start, claim.end, claim.label, claim.source, claim.score) for claim in merged]
        )
        return doc


def _group(doc: Doc, key: str) -> list[Span]:
    return list(doc.spans[key]) if key in doc.spans else []


def _claim(span: Span) -> Claim:
    return Claim(span.start, span.end, span.label_, span._.deid_source, span._.deid_score)
