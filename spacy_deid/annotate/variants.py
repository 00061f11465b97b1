"""What the ways of writing one name or number differ in, without moving a character."""

import re
import unicodedata

LETTER = r"[^\W\d_]"
# what may stand after any letter: diacritics written on their own, soft hyphens, characters without width
_NO_WIDTH = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_INVISIBLE = f"\u0300-\u036f{_NO_WIDTH}"
_ANY_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
_ANY_NO_WIDTH = re.compile(f"[{_NO_WIDTH}]")
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


def as_seen(text: str) -> tuple[str, list[int]] | None:
    """Return ``text`` without characters of no width, and where each of the others stands; None where it has none."""
    if text.isascii() or _ANY_NO_WIDTH.search(text) is None:
        return None
    places = [place for place, character in enumerate(text) if not _ANY_NO_WIDTH.match(character)]
    return "".join(text[place] for place in places), places


def spelled(characters: str) -> str:
    """Return a pattern for the characters, with what may stand unseen after each."""
    # possessive: given back, a mark would be the end of a word within a word
    return "".join(f"{re.escape(character)}[{_INVISIBLE}]*+" for character in characters)
