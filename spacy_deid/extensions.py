"""The attributes that spacy-deid keeps on Docs and Spans, registered on import of this module."""

from typing import NamedTuple

from spacy.tokens import Doc, Span


class CharSpan(NamedTuple):
    """An annotated stretch of the untouched text: characters ``start`` to ``end`` (exclusive)."""

    start: int
    end: int
    label: str


def register() -> None:
    """Register the extensions; harmless when repeated."""
    doc_defaults = {
        "deid_id": "",  # the note's id, unique in its corpus
        "deid_group": "",  # patient or source: a group is never torn apart by a split
        "deid_gold": None,  # list of (start, end, label) on characters, or None where nobody annotated
        "deid_meta": None,  # dict: how a synthetic note came about (prompt, sample, seed)
        "deid_rejected": None,  # list of filter reasons; empty when accepted, None when not yet judged
    }
    for name, default in doc_defaults.items():
        Doc.set_extension(name, default=default, force=True)
    Span.set_extension("deid_source", default="", force=True)
    Span.set_extension("deid_score", default=None, force=True)


def char_spans(doc: Doc) -> list[CharSpan]:
    """Return a Doc's spans on characters: the exact gold where the Doc carries it, its entities otherwise."""
    if doc._.deid_gold is not None:
        return [CharSpan(start, end, label) for start, end, label in doc._.deid_gold]
    return [CharSpan(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]


register()
