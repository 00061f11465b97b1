"""A document for redaction: leaves of text that are read in a row, each written back to its place."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from spacy_deid.offsets import Replacement
from spacy_deid.redact.value_index import ValueIndex


class Leaf(NamedTuple):
    """A stretch of text: a cell, or the text between two tags.

    Attributes:
        text: The text.
        gap: The text between it and the leaf before. "" if a word may continue from there.
        label: The label of the whole leaf, if the format has it, such as a field for a name. "" for free text.
        group: The leaf's patient, if the document holds several. "" for the document's own.
        is_term: Whether the text is a term of a public vocabulary, see `spare_terms`.
    """

    text: str
    gap: str = "\n\n"
    label: str = ""
    group: str = ""
    is_term: bool = False


class Beside(NamedTuple):
    """Text that is written with a document, is not redacted, and must hold no redacted value.

    Attributes:
        text: The text.
        place: Its place, for error messages: "column 3", "word/settings.xml", a FHIR path. It must hold no text of the
            document. "" if its place is unknown.
    """

    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The unit that is redacted as a whole or fails as a whole: a file, or a row of a table.

    Attributes:
        leaves: The texts to redact.
        id: See ``doc._.deid_id``.
        group: See ``doc._.deid_group``.
        beside: All other text that is written with the document.
        related: Labelled leaves of other documents that apply to the people of this one too.
        error: The reason why it cannot be read, without any of its text. "" if it can.
        row: Its index among the rows that were opened with it, from 0, blank rows included.
    """

    leaves: Sequence[Leaf]
    id: str = ""
    group: str = ""
    beside: Sequence[Beside] = ()
    related: Sequence[Leaf] = ()
    error: str = ""
    row: int = 0

    @property
    def text(self) -> str:
        """The leaves in a row, each but the first after its gap."""
        return joined(self.leaves)


@dataclass(slots=True)
class Redacted:
    """The redaction of a document. Only the counts and, without an error, ``leaves`` leave the process.

    Attributes:
        leaves: The new text of each leaf.
        values: The redacted values.
        allowed: The texts of the output that may hold them, see `survivors`.
        counts: Numbers of spans by category.
        unknown: Numbers of spans by label, for labels that are not in labels.toml.
        error: The reason why it failed, without any of its text. "" if it did not.
    """

    leaves: list[str] = field(default_factory=list)
    values: ValueIndex = field(default_factory=lambda: ValueIndex([], ""))
    allowed: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    error: str = ""


def joined(leaves: Iterable[Leaf]) -> str:
    """Return the text that the pipeline reads."""
    return "".join(leaf.text if first else leaf.gap + leaf.text for first, leaf in _with_first(leaves))


def leaf_ranges(leaves: Sequence[Leaf]) -> list[tuple[int, int]]:
    """Return the start and the end of each leaf in the joined text."""
    gaps = [0 if first else len(leaf.gap) for first, leaf in _with_first(leaves)]
    ends = list(accumulate(gap + len(leaf.text) for gap, leaf in zip(gaps, leaves, strict=True)))
    return [(end - len(leaf.text), end) for end, leaf in zip(ends, leaves, strict=True)]


def distributed(leaves: Sequence[Leaf], replacements: Iterable[Replacement]) -> list[str]:
    """Return the new text of each leaf. A replacement over several leaves goes into the first that it touches."""
    places = leaf_ranges(leaves)
    starts = [start for start, _ in places]
    pieces: list[list[str]] = [[] for _ in leaves]
    read = list(starts)
    for each in replacements:
        text: str = each.text
        first = max(bisect_right(starts, each.start) - 1, 0)
        for index in range(first, len(leaves)):
            begin, end = places[index]
            if begin >= each.end:
                break
            start, stop = max(each.start, begin), min(each.end, end)
            if start < stop:
                pieces[index] += leaves[index].text[read[index] - begin : start - begin], text
                read[index], text = stop, ""
    return [
        "".join([*made, leaf.text[done - begin :]])
        for made, leaf, done, (begin, _) in zip(pieces, leaves, read, places, strict=True)
    ]


def _with_first(leaves: Iterable[Leaf]) -> Iterable[tuple[bool, Leaf]]:
    return ((number == 0, leaf) for number, leaf in enumerate(leaves))
