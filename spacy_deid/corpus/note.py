"""The common form of a note, between any file format and a Doc."""

from dataclasses import dataclass

from spacy_deid.extensions import CharSpan


@dataclass(frozen=True, slots=True)
class Note:
    """One annotated document.

    ``id`` is unique in its corpus; ``group`` names the patient or source that a split never tears apart;
    ``spans`` are characters of the untouched ``text``, sorted, without duplicates, possibly overlapping.
    """

    id: str
    group: str
    text: str
    spans: tuple[CharSpan, ...]
