"""The plainest redaction: each identifier becomes its category in brackets."""

from spacy.tokens import Doc

from spacy_deid.labels import category_of


def masked(doc: Doc) -> str:
    """Return the Doc's text with ``[NAME]`` and the like in the place of its entities."""
    pieces: list[str] = []
    read = 0
    for entity in doc.ents:
        pieces += doc.text[read : entity.start_char], f"[{category_of(entity.label_)}]"
        read = entity.end_char
    return "".join([*pieces, doc.text[read:]])
