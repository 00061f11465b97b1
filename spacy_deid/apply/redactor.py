"""Redaction of documents with a pipeline: new leaves, and the values for the survival check."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc, Span

from spacy_deid.annotate.known import Known, is_findable
from spacy_deid.apply.document import Document, Leaf, Redacted, distributed, leaf_ranges
from spacy_deid.apply.summary import added
from spacy_deid.apply.terms import spare_terms
from spacy_deid.apply.windows import LONGEST, read_long
from spacy_deid.errors import reason_of
from spacy_deid.labels import category_of, known_labels, shown_label
from spacy_deid.offsets import Replacement
from spacy_deid.redact.component import DeidRedact
from spacy_deid.redact.survival import diseases_left, redacted_values
from spacy_deid.redact.value_index import ValueIndex

BATCH_SIZE = 32  # documents in one batch of the model
_SHORT_VALUE = 2  # characters, of other values than names


class Redactor:
    """Annotates documents with a pipeline without deid_redact, and redacts them with a deid_redact of its own."""

    def __init__(self, nlp: Language, redact: DeidRedact) -> None:
        self.nlp = nlp
        self.redact = redact

    def __call__(self, documents: Sequence[Document]) -> list[Redacted]:
        """Redact each document; an error in one does not affect the others.

        Words that only these documents have are removed from the vocabulary afterwards, so that memory does not grow.
        """
        parted = [_parts(document) if self.redact.scope == "patient" else [document] for document in documents]
        with self.nlp.memory_zone():
            each = [part for of_document in parted for part in of_document]
            redacted = iter([self._redacted(part, doc) for part, doc in zip(each, self._read(each), strict=True)])
            return [
                _together(document, of_document, [next(redacted) for _ in of_document])
                for document, of_document in zip(documents, parted, strict=True)
            ]

    def _read(self, documents: Sequence[Document]) -> Iterator[Doc | str]:
        """Yield for each document the pipeline's Doc, or the reason why it failed."""
        longest = min(LONGEST, self.nlp.max_length)
        short = [document for document in documents if not document.error and len(document.text) <= longest]
        try:
            read: Iterator[Doc | str] = iter(list(self.nlp.pipe(map(self._doc, short), batch_size=BATCH_SIZE)))
        except Exception:  # of any component; a batch does not show which document failed
            read = (self._read_alone(document) for document in short)
        for document in documents:
            if document.error:
                yield document.error
            elif len(document.text) <= longest:
                yield next(read)
            else:
                yield self._read_alone(document)

    def _read_alone(self, document: Document) -> Doc | str:
        longest = min(LONGEST, self.nlp.max_length)
        try:
            if len(document.text) <= longest:
                return self.nlp(self._doc(document))
            return read_long(self.nlp, document.text, self._known(document), longest)
        except Exception as error:  # of any component; reported for the document, and the others continue
            return reason_of(error)

    def _known(self, document: Document) -> list[Known] | None:
        """Return the names and numbers of people that the format labels: they are sought in the whole text."""
        leaves = (*document.leaves, *document.related)
        known = [Known(label=leaf.label, value=leaf.text) for leaf in leaves if _is_findable_leaf(leaf)]
        return [each for each in known if is_findable(each, str(self.nlp.lang))] or None

    def _doc(self, document: Document) -> Doc:
        doc = self.nlp.tokenizer(document.text)
        doc._.deid_known = self._known(document)
        return doc

    def _redacted(self, document: Document, doc: Doc | str) -> Redacted:
        if isinstance(doc, str):
            return Redacted(error=doc)
        try:
            doc._.deid_id, doc._.deid_group = document.id, document.group
            _end_with_leaves(document, doc)
            spare_terms(document, doc, self.redact.lang)
            _label_leaves(document, doc)
            replacements: list[Replacement] = self.redact(doc)._.deid_replacements
            values = ValueIndex(redacted_values(doc), self.redact.lang)
            diseases = diseases_left(doc, self.redact.lang) if values else []
        except Exception as error:  # as above
            return Redacted(error=reason_of(error))
        labels = Counter(ent.label_ for ent in doc.ents)
        return Redacted(
            leaves=distributed(document.leaves, replacements),
            values=values,
            allowed=[*(each.text for each in replacements), *diseases],
            counts=dict(Counter(category_of(each.label) for each in replacements)),
            unknown={shown_label(label): times for label, times in labels.items() if label not in known_labels()},
        )


def _end_with_leaves(document: Document, doc: Doc) -> None:
    """Cut entities at the start of separate leaves: an entity over two of them would leave the second empty."""
    starts = [
        start
        for leaf, (start, _) in zip(document.leaves, leaf_ranges(document.leaves), strict=True)
        if start and "\n\n" in leaf.gap
    ]
    text = doc.text if starts else ""
    pieces = [piece for ent in doc.ents for piece in _cut(doc, ent, text, starts)]
    if len(pieces) != len(doc.ents):
        doc.set_ents(pieces)


def _cut(doc: Doc, ent: Span, text: str, starts: Sequence[int]) -> Iterator[Span]:
    within = starts[bisect_right(starts, ent.start_char) : bisect_left(starts, ent.end_char)]
    if not within:
        yield ent
        return
    for start, end in pairwise([ent.start_char, *within, ent.end_char]):
        covered = text[start:end]
        first, last = start + len(covered) - len(covered.lstrip()), start + len(covered.rstrip())
        piece = doc.char_span(first, last, label=ent.label, alignment_mode="expand") if first < last else None
        if piece is not None:
            yield piece


def _is_findable_leaf(leaf: Leaf) -> bool:
    """Whether a leaf's value identifies somebody in other text too; a sex "K" is potassium there."""
    category = category_of(leaf.label)
    is_long = category == "NAME" or len(leaf.text.strip()) > _SHORT_VALUE
    return bool(leaf.label) and category not in ("DATE", "SEX") and is_long


def _label_leaves(document: Document, doc: Doc) -> None:
    """Make an entity of each labelled leaf; of other entities, the parts outside these leaves remain."""
    places = zip(document.leaves, leaf_ranges(document.leaves), strict=True)
    found = [
        doc.char_span(start, end, label=leaf.label, alignment_mode="expand")
        for leaf, (start, end) in places
        if leaf.label and start < end
    ]
    spans = [span for span in found if span is not None]
    if not spans:
        return
    labels = [0] * len(doc)
    for number, ent in enumerate(doc.ents, start=1):
        labels[ent.start : ent.end] = [number] * len(ent)
    for span in spans:
        labels[span.start : span.end] = [0] * len(span)
    rest = [_outside(doc, ent, labels, number) for number, ent in enumerate(doc.ents, start=1)]
    doc.set_ents([*spans, *(span for pieces in rest for span in pieces)])


def _outside(doc: Doc, ent: Span, labels: Sequence[int], number: int) -> Iterator[Span]:
    start: int | None = None
    for token in range(ent.start, ent.end + 1):
        inside = token < ent.end and labels[token] == number
        if inside and start is None:
            start = token
        elif not inside and start is not None:
            yield Span(doc, start, token, label=ent.label)
            start = None


def _parts(document: Document) -> list[Document]:
    """Return a document for each group of leaves, in the order of their first leaves.

    The labelled leaves of one part apply to all of them.
    """
    groups = list(dict.fromkeys(leaf.group for leaf in document.leaves))
    if len(groups) < 2:
        return [document]
    return [
        replace(
            document,
            leaves=[leaf for leaf in document.leaves if leaf.group == group],
            related=[leaf for leaf in document.leaves if leaf.group != group and leaf.label],
            group=group or document.group,
        )
        for group in groups
    ]


def _together(document: Document, parted: Sequence[Document], redacted: Sequence[Redacted]) -> Redacted:
    """Return the redaction of a document from those of its `_parts`; it fails if one of them does."""
    if len(redacted) == 1:
        return redacted[0]
    if error := next((each.error for each in redacted if each.error), ""):
        return Redacted(error=error)
    leaves = {part.leaves[0].group: iter(each.leaves) for part, each in zip(parted, redacted, strict=True)}
    return Redacted(
        leaves=[next(leaves[leaf.group]) for leaf in document.leaves],
        values=ValueIndex.joined([each.values for each in redacted]),
        allowed=[text for each in redacted for text in each.allowed],
        counts=added(each.counts for each in redacted),
        unknown=added(each.unknown for each in redacted),
    )
