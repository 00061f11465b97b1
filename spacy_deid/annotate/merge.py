"""The component ``deid_merge``: the spans of model and rules become the entities of the Doc."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import srsly
from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc, Span

from spacy_deid.annotate.bounds import Bounds
from spacy_deid.annotate.codes import whole_codes
from spacy_deid.annotate.false_claims import FalseClaims, eponyms_at
from spacy_deid.annotate.operating_points import OperatingPoint, OperatingPoints, read_point
from spacy_deid.annotate.policy import Claim, claim_of, join_names, resolve, with_all_of
from spacy_deid.annotate.ranges import Cover, Words, has_text
from spacy_deid.annotate.repeated import repetitions
from spacy_deid.annotate.rules import GUARDS, RULES
from spacy_deid.annotate.token_ner import CANDIDATES
from spacy_deid.annotate.whole_names import WholeNames, signatures
from spacy_deid.errors import DeidError
from spacy_deid.extensions import sourced_span
from spacy_deid.files import write_json
from spacy_deid.labels import categories, category_of
from spacy_deid.lang.lexicon import ORDINARY, ORDINARY_FORM
from spacy_deid.lang.no_names import no_names
from spacy_deid.lang.pack import pack_of

MODEL = "deid_model"
LLM = "deid_llm"  # spans that a language model found in the note, see deid.Tag.v1
WRITTEN = "deid_written"  # spans that a language model marked in its own note
SOURCES = ("written", "model", "llm", "rules")
_FILE = "operating_points.json"


@Language.factory(
    "deid_merge",
    requires=["doc.spans"],
    assigns=["doc.ents", "doc.spans", "span._.deid_source", "span._.deid_score"],
    default_config={
        "propagate": True,
        "rules_key": RULES,
        "sources": list(SOURCES),
        "operating_point": None,
        "leave": None,
        "scorer": {"@scorers": "spacy.ner_scorer.v1"},
    },
)
def make_merge(
    nlp: Language,
    name: str,
    propagate: bool,
    rules_key: str,
    sources: list[str],
    operating_point: float | str | None,
    leave: list[str] | None,
    scorer: Callable[..., dict[str, Any]] | None,
) -> "DeidMerge":
    """Make the component.

    Args:
        nlp: The pipeline.
        name: The component's name.
        propagate: Whether to find further occurrences of names and numbers, see `repetitions`.
        rules_key: The span_key of ``deid_rules``.
        sources: Which of "written", "model", "llm" and "rules" count, see `DeidMerge`.
        operating_point: "balanced", "careful", "strict" or a character recall, see `DeidMerge`; None for the entities
            that the model found at its own threshold.
        leave: Categories whose spans stay in the text, see `DeidMerge`; None for those that the pipeline's language
            leaves (``leave`` in its language.toml).
        scorer: The scorer of ``nlp.evaluate``.
    """
    return DeidMerge(
        name,
        propagate=propagate,
        rules_key=rules_key,
        sources=sources,
        operating_point=operating_point,
        leave=pack_of(nlp.lang).facts.leave if leave is None else leave,
        scorer=scorer,
    )


class DeidMerge(Pipe):
    """Writes ``doc.ents`` from the entities that the Doc has and the rules' spans, by the policy of `resolve`.

    Names of one label with a single space between them are one: "Tommy", found by the model, and "Svensk", a
    repetition. Every letter and digit that a source found is within an entity, except those that a guard explains and
    no check digit or record confirms, and a model's errors, see `Bounds` and `FalseClaims`. Names and codes are whole:
    see `WholeNames` and `whole_codes`. White space at the ends of a span, which a model sometimes includes, is left
    out. The Doc's own entities are first saved in ``doc.spans["deid_model"]``, with the source "model".

    At an operating point, the model's spans are not the Doc's entities but the candidates of ``deid_ner`` whose score
    reaches the point's threshold. An operating point covers all characters, white space aside, that the named ones
    with a higher threshold cover: strict covers what careful covers, and careful what balanced covers.
    """

    def __init__(
        self,
        name: str,
        *,
        propagate: bool,
        rules_key: str,
        scorer: Callable[..., dict[str, Any]] | None,
        sources: Sequence[str] = SOURCES,
        operating_point: OperatingPoint | None = None,
        leave: Sequence[str] = (),
    ) -> None:
        """Make the component.

        Args:
            name: The component's name.
            propagate: Whether to find further occurrences of names and numbers, see `repetitions`.
            rules_key: The span_key of ``deid_rules``; without that component only the model's entities count.
            scorer: The scorer of ``nlp.evaluate``.
            sources: Which of "written", "model", "llm" and "rules" count. "written" are the spans that a language model
                marked in its own note (``doc.spans["deid_written"]``, only in synthetic notes). They are exact, so a
                span of another source that touches one is dropped. "llm" are the spans that a language model found in
                the note (``doc.spans["deid_llm"]``).
            operating_point: One of the pipeline's named operating points, or a character recall that its curve
                reaches. None for the Doc's own entities.
            leave: Categories of labels.toml whose spans do not become entities, and compete with no other span. Those
                of the model are still in ``doc.spans["deid_model"]``.

        Raises:
            DeidError: For an unknown source, or none, an unknown operating point, and an unknown category.
        """
        unknown = sorted({*sources} - {*SOURCES})
        if unknown or not sources:
            raise DeidError(
                f"deid_merge: sources are {list(sources)}. Remedy: name one or more of {', '.join(SOURCES)}."
            )
        foreign = sorted({*leave} - {*categories()})
        if foreign:
            raise DeidError(f"deid_merge: leave has {', '.join(foreign)}. Remedy: use {', '.join(categories())}.")
        self.sources = tuple(sources)
        self.left = frozenset(leave)
        self.name = name
        self.propagate = propagate
        self.rules_key = rules_key
        self.scorer = scorer
        self.points: OperatingPoints | None = None
        self.operating_point = operating_point

    @property
    def operating_point(self) -> OperatingPoint | None:
        """The operating point; None for the entities that the model found at its own threshold."""
        return self._operating_point

    @operating_point.setter
    def operating_point(self, point: OperatingPoint | None) -> None:
        self._operating_point = None if point is None else read_point(point)

    def use(self, point: OperatingPoint | None) -> None:
        """Set the operating point. Raises DeidError if the component has no such point."""
        self.operating_point = point
        if self.operating_point is not None:
            self._stored().threshold(self.operating_point)

    def __call__(self, doc: Doc) -> Doc:
        """Merge the spans of one Doc."""
        point = self.operating_point
        return self.merge_at(doc, None if point is None else self._stored().down_to(point))

    def merge_at(self, doc: Doc, thresholds: Sequence[float] | None) -> Doc:
        """Merge the spans of one Doc, so that a threshold covers all that the ones before it cover.

        Args:
            doc: The document.
            thresholds: The least scores of the model's candidates, the highest first; None for the Doc's own entities.

        Raises:
            DeidError: There are thresholds, and the Doc has no candidates.
        """
        merged: list[Claim] = []
        words = Words(doc)
        for spans in self._of_model(doc, thresholds):
            doc.spans[MODEL] = spans
            merged = with_all_of(
                self._merged(doc, words),
                merged,
                is_space=lambda index: not words[index].strip(),
                has_text=lambda index: has_text(words[index]),
            )
        edges = {edge for span in self._written(doc) for edge in (span.start, span.end)}
        merged = join_names(merged, lambda index: doc[index - 1].whitespace_ == " " and index not in edges)
        doc.set_ents(
            [sourced_span(doc, claim.start, claim.end, claim.label, claim.source, claim.score) for claim in merged]
        )
        return doc

    def _of_model(self, doc: Doc, thresholds: Sequence[float] | None) -> Iterator[list[Span]]:
        """Yield the model's spans at each threshold that changes them."""
        if thresholds is None:
            yield [sourced_span(doc, ent.start, ent.end, ent.label_, "model", ent._.deid_score) for ent in doc.ents]
            return
        if CANDIDATES not in doc.spans:
            raise DeidError(
                f"deid_merge: operating_point is {self.operating_point!r}, but the Doc has no {CANDIDATES!r}. "
                "Remedy: keep the pipeline's deid_ner, and calibrate the pipeline with `deid calibrate`."
            )
        candidates = [(span, span._.deid_score) for span in doc.spans[CANDIDATES]]
        last = None
        for threshold in thresholds:
            spans = [span for span, score in candidates if score >= threshold]
            if last is None or len(spans) > last:
                yield spans
            last = len(spans)

    def _stored(self) -> OperatingPoints:
        if self.points is None:
            raise DeidError(
                f"deid_merge: operating_point is {self.operating_point!r}, but the pipeline has no operating points. "
                "Remedy: make them with `deid calibrate`, or set operating_point to null."
            )
        return self.points

    def _merged(self, doc: Doc, words: Words) -> list[Claim]:
        """Return the claims of all sources, merged, in order."""
        not_names = no_names(doc.lang_ or "")
        is_ordinary = partial(_is_ordinary, doc)
        bounds = Bounds(words, not_names, is_ordinary)
        found = [part for claim in self._found(doc) for part in bounds.cut(claim)]
        eponyms = eponyms_at(words, found)
        others = FalseClaims(words, not_names, is_ordinary, eponyms=eponyms).remaining(found)
        written = [claim for span in self._written(doc) if (claim := claim_of(span))]
        guards = Cover([*((guard.start, guard.end) for guard in _group(doc, GUARDS)), *eponyms])
        claims = [*written, *others]
        merged = whole_codes(words, resolve(claims, guards, lambda index: has_text(words[index])))
        fixed = {token for claim in written for token in range(claim.start, claim.end)}
        merged = WholeNames(words, not_names, is_ordinary, claims=merged, guards=guards).widened(fixed)
        merged += signatures(words, merged)
        if self.propagate:
            merged += repetitions(doc, merged, guards)
        return merged

    def _written(self, doc: Doc) -> list[Span]:
        return _group(doc, WRITTEN) if "written" in self.sources else []

    def _found(self, doc: Doc) -> list[Claim]:
        """Return the claims of model and rules that do not touch a written span."""
        keys = [
            key for source, key in (("model", MODEL), ("llm", LLM), ("rules", self.rules_key)) if source in self.sources
        ]
        taken = {token.i for span in self._written(doc) for token in span}
        found = [claim for key in keys for claim in map(claim_of, _group(doc, key)) if claim]
        wanted = [claim for claim in found if category_of(claim.label) not in self.left]
        return [claim for claim in wanted if taken.isdisjoint(range(claim.start, claim.end))]

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return the operating points as bytes; ``exclude`` has no effect."""
        return srsly.msgpack_dumps(self.points and self.points.written())

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "DeidMerge":
        """Read the operating points of `to_bytes`; ``exclude`` has no effect."""
        return self._with(srsly.msgpack_loads(data))

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the operating points, if there are any, to a file in the folder ``path``."""
        file = Path(path) / _FILE
        if self.points is None:
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        write_json(file, self.points.written())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "DeidMerge":
        """Read the operating points from the folder ``path``, if it has them.

        Raises DeidError if it has none, although the component has an operating point.
        """
        file = Path(path) / _FILE  # json reads 0.95 as 0.95, srsly as 0.9500000000000001
        return self._with(json.loads(file.read_text("utf8")) if file.is_file() else None)

    def _with(self, data: Any) -> "DeidMerge":
        self.points = data and OperatingPoints.read(data)
        self.use(self.operating_point)
        return self


def _group(doc: Doc, key: str) -> list[Span]:
    return list(doc.spans[key]) if key in doc.spans else []


def _is_ordinary(doc: Doc, at: int) -> bool:
    """Whether the word of the token ``at`` is in a dictionary or has the form of an ordinary word."""
    lexeme = doc.vocab[doc[at].orth]
    return lexeme.check_flag(ORDINARY) or lexeme.check_flag(ORDINARY_FORM)
