"""The forms in which the language model reads and writes notes: as they are, with slots, or with inline tags."""

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
    """A note that the language model wrote, after parsing.

    spans: the model's own marks. repaired: marks with a missing or unknown part; malformed: marks that could not be
    interpreted, which make the note unfit.
    """

    text: str
    spans: Sequence[CharSpan] = ()
    repaired: int = 0
    malformed: int = 0


def text_of(doc: Doc, mode: Mode, lang: str) -> str:
    """Return a note in the form that the language model reads.

    Args:
        doc: The note.
        mode: "prefix": its text; "slots": a slot for each identifier, see `slots.encode`; "inline": the markup of
            `spacy_deid.markup`.
        lang: Code of the language, for "slots".

    Raises:
        DeidError: The note has no annotation and the mode needs one.
    """
    if mode == "prefix":
        return doc.text
    require_annotation([doc])
    if mode == "slots":
        return slot_text(doc, lang)
    return markup.render(doc.text, without_overlaps(char_spans(doc)))


def read_written(text: str, mode: Mode, lang: str, seed: int) -> WrittenNote:
    """Parse a text of the language model.

    Args:
        text: A whole note in the form of the mode.
        mode: See `text_of`.
        lang: Code of the language, for "slots".
        seed: Seed of the values that fill the slots.
    """
    if mode == "prefix":
        return WrittenNote(text)
    if mode == "slots":
        slots = parse(text, lang)
        return WrittenNote(*filled(slots.parts, lang, seed), slots.repaired, slots.malformed)
    return _read_inline(text)


def _read_inline(text: str) -> WrittenNote:
    """Read inline tags; if the last one is not closed, it ends with the note."""
    opened = text.rfind("<")
    tag, closing = text[opened + 1 :].partition(">")[::2] if opened >= 0 else ("", "")
    unclosed = bool(tag) and not tag.startswith("/") and bool(closing.strip())
    try:
        parsed, spans = markup.parse(f"{text}</{tag}>" if unclosed else text)
    except DeidError:
        return WrittenNote(text, malformed=1)
    return WrittenNote(parsed, spans, repaired=int(unclosed))


def require_annotation(notes: Sequence[Doc]) -> None:
    """Raise DeidError if a note has no annotation, because its identifiers are unknown then."""
    bare = sum(note._.deid_gold is None and not note.has_annotation("ENT_IOB") for note in notes)
    if bare:
        raise DeidError(
            f"{bare} of {len(notes)} notes carry no annotation, so that the language model might see identifiers. "
            "Remedy: use annotated notes."
        )
