"""Terms of public vocabularies in a document: entities in them that only the model found are dropped."""

from collections.abc import Iterator, Sequence

from spacy.tokens import Doc, Span

from spacy_deid.annotate.ranges import Cover, Range
from spacy_deid.apply.document import Document, leaf_ranges
from spacy_deid.labels import category_of
from spacy_deid.redact.value_forms import Value
from spacy_deid.redact.value_index import ValueIndex

_BY_THE_MODEL = ("", "model", "llm", "repeated")  # the sources of entities that neither a rule nor the record found
_FEWEST_WORDS = 3  # of a term that is spared in all text: "Lund" may be a person there


def spare_terms(document: Document, doc: Doc, lang: str) -> None:
    """Drop the entities within terms that only the model found: in the terms' leaves, and for longer terms in all text.

    A term with a value that is redacted elsewhere is redacted like other text: "left eye" of a patient called Eye.

    Args:
        document: The document with the terms' leaves.
        doc: Its Doc, whose entities are changed.
        lang: The language of the values.
    """
    terms = _terms(document, doc.text)
    while terms:
        spared = Cover(place for places in terms.values() for place in places)
        kept = [ent for ent in doc.ents if not _is_spared(ent, spared)]
        elsewhere = ValueIndex(_values(document, kept), lang)
        named = [term for term in terms if elsewhere.count(term)]
        if not named:
            doc.set_ents(kept)
            return
        for term in named:
            del terms[term]


def _terms(document: Document, text: str) -> dict[str, list[Range]]:
    """Return each term with its ranges in the text."""
    terms: dict[str, list[Range]] = {}
    if any(leaf.is_term for leaf in document.leaves):
        for leaf, place in zip(document.leaves, leaf_ranges(document.leaves), strict=True):
            if leaf.is_term and leaf.text:
                terms.setdefault(leaf.text, []).append(place)
    for term, places in terms.items():
        if len(term.split()) >= _FEWEST_WORDS:
            places += _occurrences(text, term)
    return terms


def _occurrences(text: str, term: str) -> Iterator[Range]:
    start = text.find(term)
    while start >= 0:
        end = start + len(term)
        if not text[max(start - 1, 0) : start].isalnum() and not text[end : end + 1].isalnum():
            yield start, end
        start = text.find(term, end)


def _is_spared(ent: Span, spared: Cover) -> bool:
    return ent._.deid_source in _BY_THE_MODEL and spared.holds(ent.start_char, ent.end_char)


def _values(document: Document, ents: Sequence[Span]) -> list[Value]:
    """Return the redacted values: the entities, and the labelled leaves."""
    found = [(ent.text, ent.label_) for ent in ents]
    found += [(leaf.text, leaf.label) for leaf in (*document.leaves, *document.related) if leaf.label]
    return list(dict.fromkeys(Value(text, category_of(label)) for text, label in found))
