"""What the ways of writing one name or number differ in, without moving a character."""

import re
import unicodedata

LETTER = r"[^\W\d_]"
# what may stand after any letter: diacritics written on their own, soft hyphens, characters without width
_INVISIBLE = "\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff"
_ANY_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
_STROKES = str.maketrans("øØłŁđĐıæÆ", "oOlLdDiaA")  # letters that Unicode does not take apart


class _Bases(dict[int, int]):
    """Each character's base letter; filled as characters are met."""

    def __missing__(self, code: int) -> int:
        base = unicodedata.normalize("NFD", chr(code))[0].translate(_STROKES)
        self[code] = ord(base)
        return self[code]


_BASES = _Bases()


def without_diacritics(text: str) -> str:
    """Return ``text`` with the base letter for each letter, å as a: as many characters as before."""
    return text if text.isascii() else text.translate(_BASES)


def visible(text: str) -> str:
    """Return ``text`` without marks on their own and without characters of no width."""
    return _ANY_INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def spelled(characters: str) -> str:
    """Return a pattern for the characters, with what may stand unseen after each."""
    # possessive: given back, a mark would be the end of a word within a word
    return "".join(f"{re.escape(character)}[{_INVISIBLE}]*+" for character in characters)
