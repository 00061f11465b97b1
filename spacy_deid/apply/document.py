"""A document as redaction sees it: leaves of text that are read in a row and written back each in its place."""

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
        gap: What is read before it. "" if a word may continue from the leaf before.
        label: The label of the whole leaf, if the format says what it is, such as a field for a name. "" if the
            pipeline is to find out.
        group: The leaf's patient, if the document holds several. "" for the document's own.
        is_term: Whether these words are a term of a public vocabulary, see `spare_terms`.
    """

    text: str
    gap: str = "\n\n"
    label: str = ""
    group: str = ""
    is_term: bool = False


class Beside(NamedTuple):
    """Text that is written with a document, is not redacted, and must hold no redacted value.

    place: its place, for the message when it holds one: "column 3", "word/settings.xml", a FHIR path. It must
    hold no text of the document. "" where nothing better can be said than that it is beside the text.
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
        related: Leaves of other documents whose labels hold for the people of this one too.
        error: Why it cannot be read, without any of its text. "" if it can.
        row: Its place among the rows that were opened with it, from 0 on. Blank rows count.
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
    """What became of a document. None of it leaves the process but counts and, where there is no error, ``leaves``.

    leaves: the new text of each leaf. values: what was redacted. allowed: texts of the output that may hold them, see
    `survivors`. counts: spans by category. unknown: spans by label, of labels that labels.toml lacks. error: why it
    failed; never with text in it.
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
    """Return where each leaf begins and ends in the joined text."""
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
