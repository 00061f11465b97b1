"""What the language model reads and writes: notes as they are, with slots, or with inline tags."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spacy.tokens import Doc

from spacy_deid import markup
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan, char_spans
from spacy_deid.generate.slots.encode import slot_text, without_overlaps
from spacy_deid.generate.slots.fill import filled
from spacy_deid.generate.slots.notation import parse

Mode = Literal["prefix", "slots", "inline"]


@dataclass(frozen=True, slots=True)
class WrittenNote:
    """A note that the language model wrote, read back.

    spans: what it marked itself. repaired: marks that had something missing or unknown; malformed: those that cannot
    be understood, and make the note unfit.
    """

    text: str
    spans: Sequence[CharSpan] = ()
    repaired: int = 0
    malformed: int = 0


def text_of(doc: Doc, mode: Mode, lang: str) -> str:
    """Return a note as the language model is to see it.

    "prefix": its text; "slots": with a slot for each identifier, see `slots.encode`; "inline": in the markup of
    `spacy_deid.markup`. Raises DeidError for a note without annotation in the modes that need it.
    """
    if mode == "prefix":
        return doc.text
    require_annotation([doc])
    if mode == "slots":
        return slot_text(doc, lang)
    return markup.render(doc.text, without_overlaps(char_spans(doc)))


def read_written(text: str, mode: Mode, lang: str, seed: int) -> WrittenNote:
    """Return what ``text`` of the language model says; ``seed``: of the values that fill its slots."""
    if mode == "prefix":
        return WrittenNote(text)
    if mode == "slots":
        slots = parse(text, lang)
        return WrittenNote(*filled(slots.parts, lang, seed), slots.repaired, slots.malformed)
    return _read_inline(text)


def _read_inline(text: str) -> WrittenNote:
    """Read inline tags; where the last one is not closed, it ends with the note."""
    opened = text.rfind("<")
    tag, closing = text[opened + 1 :].partition(">")[::2] if opened >= 0 else ("", "")
    unclosed = bool(tag) and not tag.startswith("/") and bool(closing.strip())
    try:
        parsed, spans = markup.parse(f"{text}</{tag}>" if unclosed else text)
    except DeidError:
        return WrittenNote(text, malformed=1)
    return WrittenNote(parsed, spans, repaired=int(unclosed))


def require_annotation(notes: Sequence[Doc]) -> None:
    """Raise DeidError where nobody annotated a note, so that nobody knows its identifiers."""
    bare = sum(note._.deid_gold is None and not note.has_annotation("ENT_IOB") for note in notes)
    if bare:
        raise DeidError(
            f"{bare} of {len(notes)} notes carry no annotation, so the language model might see their identifiers. "
            "Remedy: use annotated notes."
        )
