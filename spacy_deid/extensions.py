"""The attributes that spacy-deid keeps on Docs and Spans, registered when this module is imported."""

from typing import Any, NamedTuple

from spacy.tokens import Doc, Span

from spacy_deid.offsets import OffsetMap, Replacement, rewritten


class CharSpan(NamedTuple):
    """An annotated stretch of the untouched text: characters ``start`` to ``end`` (exclusive)."""

    start: int
    end: int
    label: str


def register() -> None:
    """Register the extensions; harmless when repeated."""
    doc_defaults = {
        "deid_id": "",  # the note's id, unique in its corpus
        "deid_group": "",  # patient or source: a split never divides a group
        "deid_gold": None,  # list of (start, end, label) on characters, or None without annotation
        "deid_meta": None,  # dict: the origin of a synthetic note (prompt, sample, seed)
        "deid_known": None,  # list of {"label", "value"}: identifiers of the note's persons from the caller's record
        "deid_rejected": None,  # list of filter reasons; empty if accepted, None before filtering
        "deid_replacements": None,  # list of Replacement in the order of the text; None before redaction
    }
    for name, default in doc_defaults.items():
        Doc.set_extension(name, default=default, force=True)
    # these follow from the replacements, and are None without them
    Doc.set_extension("deid_text", getter=_text, force=True)
    Doc.set_extension("deid_offsets", getter=_offsets, force=True)
    # read-only: spaCy would keep a value for all spans of the same characters together; see sourced_span
    Span.set_extension("deid_source", getter=_source, setter=_refuse, force=True)
    Span.set_extension("deid_score", getter=_score, setter=_refuse, force=True)


def sourced_span(doc: Doc, start: int, end: int, label: str, source: str, score: float | None) -> Span:
    """Return a Span with its source and score.

    ``span._.deid_source`` is the span's id, which spaCy keeps with the span in groups, in ``doc.ents`` and in files.
    ``span._.deid_score`` is kept on the Doc by source, so that spans of the same characters in different groups do not
    share it.

    Args:
        doc: The Doc of the span.
        start: The first token.
        end: The token after the last one.
        label: The label.
        source: The component or rule that found the span.
        score: From 0 to 1, or None if the source has no score.
    """
    span = Span(doc, start, end, label=label, span_id=source)
    user_data: dict[Any, Any] = doc.user_data
    user_data.setdefault(_score_key(span), {})[source] = score
    return span


def _score_key(span: Span) -> tuple[str, str, int, int]:
    # the form of spaCy's own keys: Span.as_doc and Doc.from_docs then keep it
    return ("._.", "deid_score", span.start_char, span.end_char)


def _source(span: Span) -> str:
    return span.id_


def _score(span: Span) -> float | None:
    user_data: dict[Any, Any] = span.doc.user_data
    scores: dict[str, float | None] = user_data.get(_score_key(span), {})
    return scores.get(span.id_)


def _refuse(span: Span, value: object) -> None:
    msg = "A span's source and score are set when it is made: use spacy_deid.extensions.sourced_span."
    raise AttributeError(msg)


def _replacements(doc: Doc) -> list[Replacement] | None:
    stored = doc._.deid_replacements
    # lists after the Doc was in a file or in another process
    return None if stored is None else [Replacement(*each) for each in stored]


def _text(doc: Doc) -> str | None:
    replacements = _replacements(doc)
    return None if replacements is None else rewritten(doc.text, replacements)


def _offsets(doc: Doc) -> OffsetMap | None:
    replacements = _replacements(doc)
    return None if replacements is None else OffsetMap(replacements)


def char_spans(doc: Doc) -> list[CharSpan]:
    """Return a Doc's spans on characters: the exact gold if the Doc has it, its entities otherwise."""
    if doc._.deid_gold is not None:
        return [CharSpan(start, end, label) for start, end, label in doc._.deid_gold]
    return [CharSpan(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]


register()
