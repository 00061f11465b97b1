"""One view of a text for everything that compares or matches text, mapped back to the untouched characters.

The same value is written in many ways: "Å" as one code point or two, a non-breaking space or
hyphen, full-width letters, zero-width characters in between. `as_seen` removes these differences. Rules, the lexicon,
known values and the survival check all use this view, so that they agree on what is the same.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

LETTER = r"[^\W\d_]"
# characters that may follow any letter: combining diacritics, soft hyphens, zero-width characters
NO_WIDTH = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
INVISIBLE = f"\u0300-\u036f{NO_WIDTH}"  # for a class of a regular expression
_ANY_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_ANY_NO_WIDTH = re.compile(f"[{NO_WIDTH}]")
_NO_WIDTH_AT_END = re.compile(f"[{NO_WIDTH}]+$")
_CLUSTER = re.compile(f"[^{INVISIBLE}][{INVISIBLE}]*|[{INVISIBLE}]+", re.DOTALL)
_HYPHENS = "\u2010\u2011\u2012\u2212\ufe58\ufe63\uff0d"
_LINE_BREAKS = "\x0b\x0c\x85\u2028\u2029"
_LIGATURES = "\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06"
_SAME_CHARACTER = ("<wide>", "<narrow>", "<font>")
# characters that the view may change; all characters beyond the Basic Multilingual Plane are examined
_UNLIKE_VIEW = re.compile(
    f"[{INVISIBLE}{_HYPHENS}{_LINE_BREAKS}{_LIGATURES}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
    "\u2100-\u214f\uff00-\uffef\U00010000-\U0010ffff]"
)
# letters that Unicode does not decompose, and their base letters
BASE_LETTERS = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "æ": "a", "Æ": "A"}
_BASE_LETTERS = str.maketrans(BASE_LETTERS)


class _Bases(dict[int, int]):
    """Each character's base letter; filled on demand."""

    def __missing__(self, code: int) -> int:
        base = unicodedata.normalize("NFD", chr(code))[0].translate(_BASE_LETTERS)
        self[code] = ord(base)
        return self[code]


_BASES = _Bases()


def without_diacritics(text: str) -> str:
    """Return ``text`` with the base letter of each letter (å as a), and the same number of characters."""
    return text if text.isascii() else text.translate(_BASES)


def visible(text: str) -> str:
    """Return composed ``text`` without combining marks and zero-width characters."""
    return _ANY_INVISIBLE.sub("", unicodedata.normalize("NFC", text))


@dataclass(frozen=True, slots=True)
class View:
    """A text as people see it, and the range in the original of each of its characters.

    Attributes:
        text: The view.
        starts: The start in the original of each character. None if all offsets are the same in both texts.
        ends: The end in the original of each character. None if all offsets are the same in both texts.
    """

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of the original for the range ``start`` to ``end`` (exclusive) of the view."""
        if self.starts is None or self.ends is None:
            return start, end
        if start == end:
            place = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return place, place
        return self.starts[start], self.ends[end - 1]


def as_seen(text: str) -> View:
    """Return ``text`` in composed form, without zero-width characters, and with one kind of space and of hyphen.

    Full-width letters and digits become ordinary ones, and so do ligatures ("ﬁ"). Any space but a tab becomes " ", any
    line separator a line break. En and em dashes stay, since they separate ranges; case and diacritics stay too.
    """
    if _UNLIKE_VIEW.search(text) is None:
        return View(text)
    shown: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        characters = _character_as_seen(cluster[0])
        shown.append(characters)
        starts += [cluster.start()] * len(characters)
        ends += [cluster.start() + len(_NO_WIDTH_AT_END.sub("", cluster[0]))] * len(characters)
    view = "".join(shown)
    return View(view) if len(view) == len(text) else View(view, starts, ends)


@lru_cache(maxsize=4096)
def _character_as_seen(cluster: str) -> str:
    """Return the view of a character with its marks; "" for a zero-width character."""
    composed = unicodedata.normalize("NFC", _ANY_NO_WIDTH.sub("", cluster))
    return unicodedata.normalize("NFC", "".join(map(_one_as_seen, composed)))


def _one_as_seen(character: str) -> str:
    if character in _HYPHENS:
        return "-"
    if character in _LINE_BREAKS:
        return "\n"
    if character not in "\t\n\r" and unicodedata.category(character) == "Zs":
        return " "
    is_variant = unicodedata.decomposition(character).startswith(_SAME_CHARACTER) or character in _LIGATURES
    return unicodedata.normalize("NFKC", character) if is_variant else character


def spelled(characters: str) -> str:
    """Return a pattern for the characters, with invisible characters after each, and a hyphen at a line's end."""
    # possessive: without backtracking, a mark cannot end a word within a word
    return r"(?:-\r?\n)?".join(f"{re.escape(character)}[{INVISIBLE}]*+" for character in characters)
