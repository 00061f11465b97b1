"""The component ``deid_merge``: what the model and the rules found, as the entities of the Doc."""

from collections.abc import Callable, Sequence
from typing import Any

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc, Span

from spacy_deid.annotate.policy import Claim, join_names, resolve
from spacy_deid.annotate.ranges import Cover
from spacy_deid.annotate.repeated import repetitions
from spacy_deid.annotate.rules import GUARDS, RULES
from spacy_deid.errors import DeidError
from spacy_deid.extensions import sourced_span

MODEL = "deid_model"
WRITTEN = "deid_written"  # what a language model marked in the note it wrote
SOURCES = ("written", "model", "rules")


@Language.factory(
    "deid_merge",
    requires=["doc.spans"],
    assigns=["doc.ents", "doc.spans", "span._.deid_source", "span._.deid_score"],
    default_config={
        "propagate": True,
        "rules_key": RULES,
        "sources": list(SOURCES),
        "scorer": {"@scorers": "spacy.ner_scorer.v1"},
    },
)
def make_merge(
    nlp: Language,
    name: str,
    propagate: bool,
    rules_key: str,
    sources: list[str],
    scorer: Callable[..., dict[str, Any]] | None,
) -> "DeidMerge":
    """Make the component; the settings: see DeidMerge."""
    return DeidMerge(name, propagate=propagate, rules_key=rules_key, sources=sources, scorer=scorer)


class DeidMerge(Pipe):
    """Writes ``doc.ents`` from the entities that the Doc has and the rules' spans, by the policy of `resolve`.

    Names of one label with a single space between them are one: "Tommy", found by the model, and "Svensk", found again.
    Every letter and digit that a source found is within an entity, save what a guard explains and no check digit or
    record confirms. White space at the ends of a span, which a model takes along at times, is left out. The Doc's own
    entities go to ``doc.spans["deid_model"]`` first, with the source "model".

    propagate: find further occurrences of names and numbers, see `repetitions`. rules_key: the span_key of
    ``deid_rules``; without that component the model's entities stand alone. scorer: of ``nlp.evaluate``.

    sources: which of "written", "model" and "rules" count. "written" is what the language model marked in a note of its
    own (``doc.spans["deid_written"]``, in synthetic notes alone). Those spans are exact, so the others propose only
    what they missed: a span that touches a written one is dropped.

    Raises DeidError for a source that there is not.
    """

    def __init__(
        self,
        name: str,
        *,
        propagate: bool,
        rules_key: str,
        scorer: Callable[..., dict[str, Any]] | None,
        sources: Sequence[str] = SOURCES,
    ) -> None:
        unknown = sorted({*sources} - {*SOURCES})
        if unknown or not sources:
            raise DeidError(
                f"deid_merge: sources are {list(sources)}. Remedy: name one or more of {', '.join(SOURCES)}."
            )
        self.sources = tuple(sources)
        self.name = name
        self.propagate = propagate
        self.rules_key = rules_key
        self.scorer = scorer

    def __call__(self, doc: Doc) -> Doc:
        """Merge the spans of one Doc."""
        doc.spans[MODEL] = [
            sourced_span(doc, ent.start, ent.end, ent.label_, "model", ent._.deid_score) for ent in doc.ents
        ]
        guards = Cover((guard.start, guard.end) for guard in _group(doc, GUARDS))
        merged = resolve(self._claims(doc), guards, lambda index: any(map(str.isalnum, doc[index].text)))
        if self.propagate:
            merged += repetitions(doc, merged, guards)
        edges = {edge for span in self._written(doc) for edge in (span.start, span.end)}
        merged = join_names(merged, lambda index: doc[index - 1].whitespace_ == " " and index not in edges)
        doc.set_ents(
            [sourced_span(doc, claim.start, claim.end, claim.label, claim.source, claim.score) for claim in merged]
        )
        return doc

    def _written(self, doc: Doc) -> list[Span]:
        return _group(doc, WRITTEN) if "written" in self.sources else []

    def _claims(self, doc: Doc) -> list[Claim]:
        keys = {"written": WRITTEN, "model": MODEL, "rules": self.rules_key}
        found = {source: list(filter(None, map(_claim, _group(doc, keys[source])))) for source in self.sources}
        written = found.pop("written", [])
        taken = {token for claim in written for token in range(claim.start, claim.end)}
        others = [claim for claims in found.values() for claim in claims]
        return written + [claim for claim in others if taken.isdisjoint(range(claim.start, claim.end))]


def _group(doc: Doc, key: str) -> list[Span]:
    return list(doc.spans[key]) if key in doc.spans else []


def _claim(span: Span) -> Claim | None:
    """Return the claim of a span without white space at its ends, None where it is nothing else."""
    words = [token.i for token in span if not token.is_space]
    if not words:
        return None
    return Claim(words[0], words[-1] + 1, span.label_, span._.deid_source, span._.deid_score)
