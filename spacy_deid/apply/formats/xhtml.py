"""The text within XHTML, as a narrative of FHIR has it; tags stay as they are."""

import html
import re
from collections.abc import Iterator, Sequence

from spacy_deid.apply.document import Leaf

_TAG = re.compile(r"<!--.*?(?:-->|$)|<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
_READ_ATTRIBUTE = re.compile(r"""\s(?:alt|title|href|src|name|summary)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_WITHIN_A_LINE = re.compile(r"</?(?:a|abbr|b|big|code|em|font|i|small|span|strong|sub|sup|tt|u)\b", re.IGNORECASE)

_Stretch = tuple[int, int, str]  # start, end, gap


def read_xhtml(markup: str) -> list[Leaf]:
    """Return the text between tags, and that of attributes and comments; references such as ``&amp;`` are read."""
    return [Leaf(html.unescape(markup[start:end]), gap) for start, end, gap in _stretches(markup)]


def written_xhtml(markup: str, leaves: Sequence[str]) -> str:
    """Return the markup with other leaves; one that is the same stays as it was written."""
    pieces: list[str] = []
    read = 0
    for (start, end, _), leaf in zip(_stretches(markup), leaves, strict=True):
        if leaf != html.unescape(markup[start:end]):
            pieces += markup[read:start], html.escape(leaf)
            read = end
    return "".join([*pieces, markup[read:]])


def _stretches(markup: str) -> Iterator[_Stretch]:
    read, gap = 0, "\n"
    for tag in _TAG.finditer(markup):
        if tag.start() > read:
            yield read, tag.start(), gap
            gap = ""
        read = tag.end()
        if not _WITHIN_A_LINE.match(tag[0]):
            gap = "\n"
        if tag[0].startswith("<!--"):
            yield tag.start() + len("<!--"), max(tag.end() - len("-->"), tag.start() + len("<!--")), "\n"
            gap = "\n"
            continue
        for attribute in _READ_ATTRIBUTE.finditer(tag[0]):
            group = 1 if attribute[1] is not None else 2
            start, end = attribute.span(group)
            yield tag.start() + start, tag.start() + end, "\n"
            gap = "\n"
    if read < len(markup):
        yield read, len(markup), gap
