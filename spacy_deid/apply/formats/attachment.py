"""The text of attachments, recognized by their bytes: plain text and HTML are read, anything else is refused.

A content type counts only if the bytes agree with it. It may be wrong, and text that is read in the wrong format keeps
its names.
"""

import codecs
import re
import tomllib
from base64 import b64decode
from collections.abc import Sequence
from email.message import Message
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from spacy_deid.apply.document import Leaf
from spacy_deid.apply.formats.hypertext import Hypertext, is_hypertext, is_xml
from spacy_deid.errors import DeidError

_REMEDY = "Remedy: take it out, or put its text in as text/plain or text/html"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w:.-]{1,40})""", re.IGNORECASE)
_SHORTEST = 16  # characters of base64; shorter ones may be a word
_BASE64 = re.compile(rf"(?:[A-Za-z0-9+/]{{{_SHORTEST},}}|[A-Za-z0-9_-]{{{_SHORTEST},}})={{0,2}}")
_DATA = re.compile(r"\s*data:[^\s,]*,", re.IGNORECASE)
_CONTROL = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffe]")


class Attached:
    """The text of an attachment, read as HTML or as it is, and how it was encoded."""

    def __init__(self, text: "_Decoded", *, is_html: bool) -> None:
        self._text = text
        self._html = Hypertext(text.text) if is_html else None
        self.leaves = self._html.leaves if self._html else [Leaf(text.text)]

    @property
    def unread(self) -> str:
        """Its parts that are kept and not read."""
        return self._html.unread if self._html else ""

    def written(self, leaves: Sequence[str]) -> bytes:
        """Return its bytes with other leaves; DeidError if its charset lacks a character of plain text."""
        text = self._html.written(leaves) if self._html else leaves[0]
        try:
            return self._text.mark + text.encode(self._text.charset, "xmlcharrefreplace" if self._html else "strict")
        except UnicodeEncodeError:
            pass
        raise DeidError(
            f"an attachment in {self._text.charset}, which lacks a character of the new text. Remedy: write it in UTF-8"
        )


class _Decoded(NamedTuple):
    """Text, its charset, and the byte order mark before it."""

    text: str
    charset: str
    mark: bytes = b""


def read_attachment(data: str, content_type: str) -> Attached:
    """Return the attachment in base64 ``data``, whose content type in FHIR may have a charset, or be "".

    Raises DeidError, without its text, for an attachment that is neither plain text nor HTML.
    """
    try:
        raw = b64decode("".join(data.split()), validate=True)
    except ValueError:
        msg = "an attachment that is not base64. Remedy: take it out"
        raise DeidError(msg) from None
    kind, charset = _type(content_type)
    if kind not in _table()["types"]:
        raise DeidError(f"an attachment of a content type that is not read. {_REMEDY}")
    decoded = _decoded(raw, charset)
    for notation, form in _notations().items():
        if form.search(decoded.text):
            raise DeidError(f"an attachment that is {notation}. {_REMEDY}")
    if is_encoded(decoded.text):
        raise DeidError(f"an attachment that is encoded twice. {_REMEDY}")
    if is_xml(decoded.text):
        raise DeidError(f"an attachment that is XML. {_REMEDY}")
    return Attached(decoded, is_html=kind in _table()["html_types"] or is_hypertext(decoded.text))


def is_encoded(text: str) -> bool:
    """Return whether a text is another text in base64, or a "data:" address."""
    if _DATA.match(text):
        return True
    if len(text) < _SHORTEST:
        return False
    letters = "".join(text.split())
    if not _BASE64.fullmatch(letters):
        return False
    try:
        raw = b64decode(letters.rstrip("=") + "=" * (-len(letters.rstrip("=")) % 4), altchars=_altchars(letters))
    except ValueError:
        return False
    return _is_utf8(raw) and not _CONTROL.search(raw.decode("utf-8"))


def _altchars(letters: str) -> bytes:
    return b"-_" if "-" in letters or "_" in letters else b"+/"


def _type(content_type: str) -> tuple[str, str]:
    """Return a content type and its charset, each "" if it is missing."""
    if not content_type.strip():
        return "", ""
    header = Message()
    header["Content-Type"] = " ".join(content_type.split())
    named = content_type.partition(";")[0].strip().lower()  # Message reads an unknown type as text/plain
    return named, header.get_content_charset() or ""


def _decoded(raw: bytes, charset: str) -> _Decoded:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _Decoded(_text(raw[len(mark) :], encoding), encoding, mark)
    meta = _META_CHARSET.search(raw[:4096])
    encoding = _charset(charset or (meta[1].decode("ascii") if meta else "utf-8"))
    # bytes that are valid UTF-8 are hardly ever anything else, whatever their declared charset
    if not encoding.startswith("utf-16") and not raw.isascii() and _is_utf8(raw):
        encoding = "utf-8"
    return _Decoded(_text(raw, encoding), encoding)


def _charset(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        found = ""
    if not re.fullmatch(_table()["charsets"], found, re.VERBOSE):
        msg = "an attachment in a charset that is not read. Remedy: write it in UTF-8"
        raise DeidError(msg)
    return found


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text(raw: bytes, charset: str) -> str:
    try:
        text = raw.decode(charset)
    except UnicodeDecodeError:
        raise DeidError(f"an attachment that is not text in {charset}. {_REMEDY}") from None
    if _CONTROL.search(text):
        raise DeidError(f"an attachment that is not text. {_REMEDY}")
    return text


@cache
def _notations() -> dict[str, re.Pattern[str]]:
    flags = re.VERBOSE | re.IGNORECASE
    return {notation: re.compile(form, flags) for notation, form in _table()["notations"].items()}


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("spacy_deid.apply.formats").joinpath("attachment.toml").read_text("utf8"))
