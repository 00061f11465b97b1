"""A few synthetic notes to show in a report."""

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from spacy.tokens import Doc

from spacy_deid.errors import DeidError


class Segment(NamedTuple):
    """A stretch of a note; ``label`` is empty for plain text."""

    text: str
    label: str


def synthetic_examples(docs: Iterable[Doc], number: int) -> list[list[Segment]]:
    """Return the first ``number`` notes that no filter rejected, cut into segments.

    Raises DeidError on a note that does not say that a model wrote it: no real note may get into a report.
    """
    return [segments(doc) for doc in islice(_accepted(docs), number)]


def segments(doc: Doc) -> list[Segment]:
    """Cut a Doc's text at its entities."""
    result = []
    end = 0
    for ent in doc.ents:
        result.append(Segment(doc.text[end : ent.start_char], ""))
        result.append(Segment(ent.text, ent.label_))
        end = ent.end_char
    result.append(Segment(doc.text[end:], ""))
    return [segment for segment in result if segment.text]


def _accepted(docs: Iterable[Doc]) -> Iterable[Doc]:
    for doc in docs:
        # a seed, cut from a real note, has deid_meta too; only what a model wrote says whether it was finished
        if "finished" not in (doc._.deid_meta or {}):
            raise DeidError(
                f"Note {doc._.deid_id!r} does not say that a model wrote it (doc._.deid_meta), "
                "so it may be a real one. Remedy: show notes written by `deid generate` only."
            )
        if not doc._.deid_rejected:
            yield doc
