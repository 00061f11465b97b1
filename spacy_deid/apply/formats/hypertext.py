"""The text of HTML and XHTML, in narratives and attachments of FHIR; markup is unchanged.

The text between tags is read in a row, so that an identifier may continue across tags within a line; attributes and
comments follow it. Scripts and style sheets are not seen as text: they are removed, and so are documents in attributes.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import escape, unescape
from html.parser import HTMLParser
from importlib.resources import files
from itertools import accumulate
from typing import Any, NamedTuple

from spacy_deid.apply.document import Leaf
from spacy_deid.errors import DeidError

_ATTRIBUTE = re.compile(r"""([^\s=/<>"']+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_REMOVED_VALUE = re.compile(r"\s*(?:data|javascript):", re.IGNORECASE)
_TAG_IN_TEXT = re.compile("<[a-zA-Z/!?]")
_UNREADABLE = "its markup cannot be read: a tag is not closed or is malformed. Remedy: correct it"
_ENTITY = re.compile(r"<!ENTITY\b", re.IGNORECASE)  # a document may spell a name by entities of its own
_TAG = re.compile(r"</?(\w+)(?=[\s/>])|<!--|<!doctype\b", re.IGNORECASE)
_FIRST_TAG = re.compile(
    r"\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*|<!doctype[^<>]*>\s*)*+<(\w[\w:.-]*)(?=[\s/>])", re.IGNORECASE | re.DOTALL
)
_SECTION = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>)?", re.DOTALL)
_COMMENT = re.compile(r"<!--(.*?)(?:--!?\s*>)?", re.DOTALL)


class _Stretch(NamedTuple):
    """Characters ``start`` to ``end`` (exclusive) of the markup.

    ``text`` is their text, None if they are removed; ``quote`` is put around their new text.
    """

    start: int
    end: int
    text: str | None
    gap: str = "\n\n"
    quote: str = ""


class Hypertext:
    """Parsed markup; raises DeidError for markup that cannot be read.

    ``leaves`` are the text between tags, then that of attributes and comments; references such as ``&amp;`` are
    decoded.
    """

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._stretches = _stretches(markup)
        self.leaves = [Leaf(stretch.text, stretch.gap) for stretch in self._stretches if stretch.text is not None]

    @property
    def unread(self) -> str:
        """The text that is kept and not read: the rest of the tags, without words of HTML itself."""
        return unescape(_keywords().sub(" ", self._with((stretch, " ") for stretch in self._stretches)))

    def written(self, leaves: Sequence[str]) -> str:
        """Return the markup with other leaves and without the removed parts; an equal leaf is unchanged."""
        left = iter(leaves)
        made: list[tuple[_Stretch, str]] = []
        for stretch in self._stretches:
            if stretch.text is None:
                made.append((stretch, stretch.quote * 2))
            elif (leaf := next(left)) != stretch.text:
                made.append((stretch, f"{stretch.quote}{escape(leaf, quote=bool(stretch.quote))}{stretch.quote}"))
        return self._with(made)

    def _with(self, made: Iterable[tuple[_Stretch, str]]) -> str:
        pieces: list[str] = []
        read = 0
        for stretch, text in sorted(made, key=lambda each: each[0].start):
            pieces += self._markup[read : stretch.start], text
            read = stretch.end
        return "".join([*pieces, self._markup[read:]])


def is_hypertext(text: str) -> bool:
    """Return whether a text has tags or references of HTML."""
    if "&" in text and plain(text) != text:
        return True
    return "<" in text and any(not tag[1] or tag[1].lower() in _table()["elements"] for tag in _TAG.finditer(text))


def is_xml(text: str) -> bool:
    """Return whether a text begins with a tag that is not HTML's."""
    first = _FIRST_TAG.match(text)
    return first is not None and first[1].lower() not in _table()["elements"]


def plain(text: str) -> str:
    """Return ``text`` with its references decoded, repeatedly."""
    while (read := unescape(text)) != text:
        text = read
    return text


def _stretches(markup: str) -> list[_Stretch]:
    """Return the stretches of the text in order, then those of attributes and comments."""
    text: list[_Stretch] = []
    beside: list[_Stretch] = []
    gap, removed = "\n\n", False
    for event in _events(markup):
        raw = markup[event.start : event.end]
        if event.kind == "text":
            text.append(_Stretch(event.start, event.end, None if removed else plain(raw), gap))
            gap = gap if removed else ""
        elif event.kind == "tag":
            gap = max(gap, _gap(event.tag), key=len)
            removed = event.tag in _table()["removed"] and not raw.startswith("</") and not raw.endswith("/>")
            beside += _attributes(event.start, raw)
        elif section := _SECTION.fullmatch(raw):  # as a whole, since its text has no references
            text.append(_Stretch(event.start, event.end, section[1], gap))
            gap = ""
        elif comment := _COMMENT.fullmatch(raw):
            beside.append(_comment(event, comment))
    return [*text, *beside]


def _gap(tag: str) -> str:
    """Return the gap between two words at a tag. A cell or heading is separate; a tag that HTML lacks is in line."""
    return "\n\n" if tag in _table()["cells"] else "\n" if tag in _table()["lines"] else ""


def _comment(event: "_Event", found: re.Match[str]) -> _Stretch:
    if re.search("[<&]", found[1]):  # it holds markup
        return _Stretch(event.start, event.end, None)
    return _Stretch(event.start + found.start(1), event.start + found.end(1), found[1])


def _attributes(start: int, tag: str) -> Iterator[_Stretch]:
    for found in _ATTRIBUTE.finditer(tag):
        name, value = found[1].lower(), plain(found[2].strip("\"'"))
        place = (start + found.start(2), start + found.end(2))
        if re.fullmatch(_table()["removed_attributes"], name) or _REMOVED_VALUE.match(value):
            yield _Stretch(*place, None if value else "", quote='"')
        elif name not in _table()["searched"] and not re.fullmatch(_table()["searched_values"], value):
            yield _Stretch(*place, value, quote='"')


class _Event(NamedTuple):
    """A piece of markup; ``kind`` is "text", "tag" or "other", and ``tag`` the name of a tag, "" for the others."""

    kind: str
    tag: str
    start: int
    end: int


def _events(markup: str) -> list[_Event]:
    """Return the events of the markup: every character is in one event."""
    if _ENTITY.search(markup):
        msg = "its markup declares entities. Remedy: write the characters themselves"
        raise DeidError(msg)
    parser = _Parser(markup)
    try:
        parser.feed(markup)
        parser.close()
    except AssertionError:  # the parser's own, for an unknown declaration
        raise DeidError(_UNREADABLE) from None
    events: list[_Event] = []
    starts = [*(each.start for each in parser.found), len(markup)]
    for event, next_start in zip(parser.found, starts[1:], strict=True):
        # text after a start tag without an event: a script without an end
        end = event.end or next_start
        events += [event._replace(end=end), *([_Event("text", "", end, next_start)] if end < next_start else [])]
    joined: list[_Event] = []
    for event in events:
        if joined and joined[-1].kind == event.kind == "text":
            event = event._replace(start=joined.pop().start)
        joined.append(event)
    return joined


class _Parser(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[_Event] = []
        self._lines = [0, *accumulate(len(line) + 1 for line in markup.split("\n"))]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add("tag", tag, len(self.get_starttag_text() or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._add("tag", tag)

    def handle_data(self, data: str) -> None:
        if _TAG_IN_TEXT.search(data) and self.cdata_elem is None:
            raise DeidError(_UNREADABLE)
        self._add("text")

    def handle_charref(self, name: str) -> None:
        self._add("text")

    def handle_entityref(self, name: str) -> None:
        self._add("text")

    def handle_comment(self, data: str) -> None:
        self._add("other")

    def handle_decl(self, decl: str) -> None:
        self._add("other")

    def handle_pi(self, data: str) -> None:
        self._add("other")

    def unknown_decl(self, data: str) -> None:
        self._add("other")

    def _add(self, kind: str, tag: str = "", length: int = 0) -> None:
        line, column = self.getpos()
        start = self._lines[line - 1] + column
        self.found.append(_Event(kind, tag, start, start + length if length else 0))


@cache
def _keywords() -> re.Pattern[str]:
    """Return a pattern of HTML's own words: the elements, the attributes of the layout, the year in a URL."""
    elements, attributes = ("|".join(map(re.escape, _table()[each])) for each in ("elements", "searched"))
    return re.compile(rf"http://www\.w3\.org/1999/xhtml|(?<=<)/?(?:{elements})\b|\s(?:{attributes})(?==)")


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("spacy_deid.apply.formats").joinpath("hypertext.toml").read_text("utf8"))
