"""A document of several patients in parts, a patient each, so that each has the replacements of their own group."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from spacy_deid.apply.document import Document, Redacted
from spacy_deid.redact.value_index import ValueIndex


def parts(document: Document) -> list[Document]:
    """Return the document's leaves by their groups, in the order of the first of each; itself where there is one.

    What the format says of the people in one part holds in all of them.
    """
    groups = _groups(document)
    if len(groups) < 2:
        return [document]
    return [
        replace(
            document,
            leaves=[leaf for leaf in document.leaves if leaf.group == group],
            told=[leaf for leaf in document.leaves if leaf.group != group and leaf.label],
            group=group or document.group,
        )
        for group in groups
    ]


def together(document: Document, parted: Sequence[Document], redacted: Sequence[Redacted]) -> Redacted:
    """Return what became of a document whose `parts` were redacted; it fails where one of them does."""
    if len(redacted) == 1:
        return redacted[0]
    if error := next((each.error for each in redacted if each.error), ""):
        return Redacted(error=error)
    leaves = {part.leaves[0].group: iter(each.leaves) for part, each in zip(parted, redacted, strict=True)}
    return Redacted(
        leaves=[next(leaves[leaf.group]) for leaf in document.leaves],
        values=ValueIndex.joined([each.values for each in redacted]),
        allowed=[text for each in redacted for text in each.allowed],
        counts=_sum(each.counts for each in redacted),
        unknown=_sum(each.unknown for each in redacted),
    )


def _groups(document: Document) -> list[str]:
    return list(dict.fromkeys(leaf.group for leaf in document.leaves))


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    return dict(sum(map(Counter, counts), Counter[str]()))
