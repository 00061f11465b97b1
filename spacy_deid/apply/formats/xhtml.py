"""The text within XHTML, as a narrative of FHIR has it; tags stay as they are."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from spacy_deid.apply.document import Leaf

_TAG = re.compile(
    r"""<!--(?P<comment>.*?)(?:-->|$)|<!\[CDATA\[(?P<raw>.*?)(?:\]\]>|$)|<(?:[^<>"']|"[^"]*"|'[^']*')*>""", re.DOTALL
)
_ATTRIBUTE = re.compile(r"""([^\s=/<>"']+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_READ_ATTRIBUTES = {"alt", "title", "href", "src", "name", "summary"}
_WITHIN_A_LINE = re.compile(r"</?(?:a|abbr|b|big|code|em|font|i|small|span|strong|sub|sup|tt|u)\b", re.IGNORECASE)
# of the language itself: "li", "lang" and the year are nobody's
_KEYWORD = re.compile(
    r"http://www\.w3\.org/1999/xhtml|(?<=<)/?(?:a|abbr|acronym|b|big|blockquote|br|caption|cite|code|col|colgroup|dd|dfn|div"
    r"|dl|dt|em|h[1-6]|hr|i|img|li|ol|p|pre|q|samp|small|span|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|ul|var)\b"
    r"|\s(?:align|border|cellpadding|cellspacing|class|colspan|dir|height|id|lang|rowspan|scope|style|valign|width"
    r"|xml:lang|xmlns)(?==)"
)


class _Stretch(NamedTuple):
    """Characters ``start`` to ``end`` (exclusive) of the markup, read as ``text`` and written anew within ``quote``."""

    start: int
    end: int
    text: str
    gap: str
    quote: str = ""


def read_xhtml(markup: str) -> list[Leaf]:
    """Return the text between tags, and that of attributes and comments; references such as ``&amp;`` are read."""
    return [Leaf(stretch.text, stretch.gap) for stretch in _stretches(markup)]


def unread_xhtml(markup: str) -> str:
    """Return what `read_xhtml` leaves out: the rest of tags and declarations, without words of XHTML itself."""
    pieces: list[str] = []
    read = 0
    for stretch in _stretches(markup):
        pieces.append(markup[read : stretch.start])
        read = stretch.end
    return html.unescape(_KEYWORD.sub(" ", " ".join([*pieces, markup[read:]])))


def written_xhtml(markup: str, leaves: Sequence[str]) -> str:
    """Return the markup with other leaves; one that is the same stays as it was written."""
    pieces: list[str] = []
    read = 0
    for stretch, leaf in zip(_stretches(markup), leaves, strict=True):
        if leaf != stretch.text:
            pieces += markup[read : stretch.start], stretch.quote, html.escape(leaf), stretch.quote
            read = stretch.end
    return "".join([*pieces, markup[read:]])


def _stretches(markup: str) -> Iterator[_Stretch]:
    read, gap = 0, "\n"
    for tag in _TAG.finditer(markup):
        if tag.start() > read:
            yield _Stretch(read, tag.start(), html.unescape(markup[read : tag.start()]), gap)
            gap = ""
        read = tag.end()
        if tag["raw"] is not None:
            # the section as a whole, since its text knows no references
            yield _Stretch(*tag.span(), tag["raw"], gap)
            gap = ""
            continue
        if not _WITHIN_A_LINE.match(tag[0]):
            gap = "\n"
        if tag["comment"] is not None:
            yield _Stretch(*tag.span("comment"), html.unescape(tag["comment"]), "\n")
            continue
        for attribute in _ATTRIBUTE.finditer(tag[0]):
            if attribute[1].lower() in _READ_ATTRIBUTES:
                start, end = attribute.span(2)
                text = html.unescape(attribute[2].strip("\"'"))
                yield _Stretch(tag.start() + start, tag.start() + end, text, "\n", '"')
                gap = "\n"
    if read < len(markup):
        yield _Stretch(read, len(markup), html.unescape(markup[read:]), gap)
