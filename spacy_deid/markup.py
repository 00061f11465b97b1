"""Inline markup, ``Patienten <NAME>Anna Ek</NAME> ringde``, to and from a text with character spans.

A literal ``<`` is written ``&lt;`` and a literal ``&`` is written ``&amp;``; nothing else is special. Spans
that overlap cannot be written.
"""

import re
from collections.abc import Collection, Iterable

from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.labels import known_labels


class MarkupError(DeidError):
    """Malformed markup: the line, counted from 1, and what is wrong with it."""

    def __init__(self, markup: str, position: int, what: str, remedy: str) -> None:
        self.line = markup.count("\n", 0, position) + 1
        self.what, self.remedy = what, remedy
        column = position - markup.rfind("\n", 0, position)
        super().__init__(f"Inline markup, line {self.line}, column {column}: {what}. Remedy: {remedy}.")


_SPECIAL = re.compile(r"<(?P<close>/?)(?P<label>[A-Za-z][\w-]*)>|&(?P<entity>lt|amp);|[<&]")
_LITERAL = {"lt": "<", "amp": "&"}


def parse(markup: str, labels: Collection[str] | None = None) -> tuple[str, list[CharSpan]]:
    """Return the text without its markup, and the marked spans on the characters of that text, in order.

    ``labels`` are the allowed tags, by default those of labels.toml. A nested, unbalanced, empty or unknown tag and an
    unescaped ``<`` or ``&`` raise a DeidError with line and column, and without text.
    """
    allowed = known_labels() if labels is None else labels
    pieces: list[str] = []
    length = read = 0
    spans: list[CharSpan] = []
    opened: tuple[str, int, int] | None = None  # label, start in the text, position in the markup
    for match in _SPECIAL.finditer(markup):
        at = match.start()
        pieces.append(markup[read:at])
        length += at - read
        read = match.end()
        label = match["label"]
        if match["entity"]:
            pieces.append(_LITERAL[match["entity"]])
            length += 1
        elif label is None:
            raise MarkupError(markup, at, "a literal < or &", "write &lt; or &amp;")
        elif label not in allowed:
            raise MarkupError(markup, at, "an unknown tag", f"use one of {', '.join(sorted(allowed))}")
        elif match["close"]:
            if opened is None or opened[0] != label:
                raise MarkupError(markup, at, "a closing tag whose opening tag is missing", "balance the tags")
            if opened[1] == length:
                raise MarkupError(markup, at, "a tag around nothing", "remove it")
            spans.append(CharSpan(opened[1], length, label))
            opened = None
        elif opened is not None:
            raise MarkupError(markup, at, "a tag within a tag", "close the first before the second")
        else:
            opened = (label, length, at)
    if opened is not None:
        raise MarkupError(markup, opened[2], "an opening tag that is never closed", "close it")
    pieces.append(markup[read:])
    return "".join(pieces), spans


def render(text: str, spans: Iterable[CharSpan]) -> str:
    """Return ``text`` with each span wrapped in a tag of its label: the inverse of `parse`.

    Raises DeidError for spans that overlap, are empty or lie outside the text.
    """
    pieces: list[str] = []
    written = 0
    for start, end, label in sorted(spans):
        if not start < end <= len(text):
            raise DeidError(f"Span {start}-{end} ({label}) is empty or outside the text of {len(text)} characters.")
        if start < written:
            raise DeidError(
                f"Span {start}-{end} ({label}) overlaps another, which inline markup cannot hold. "
                "Remedy: write brat or JSONL, or keep one of the two."
            )
        pieces += _escape(text[written:start]), f"<{label}>", _escape(text[start:end]), f"</{label}>"
        written = end
    return "".join([*pieces, _escape(text[written:])])


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
