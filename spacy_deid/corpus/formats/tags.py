"""Tags of tokens: which entity each token is of, and where in it the token stands.

A tag is a label alone, or a prefix and a label (``B-NAME``). Which prefixes there are depends on the scheme, and a
letter is read in another way in another scheme; so the scheme is that of all tags of a file.
"""

import re
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from spacy_deid.errors import DeidError
from spacy_deid.labels import known_labels, looks_like_label

_OUTSIDE = ("O", "0")
_PREFIXED = re.compile(r"([BIESLUMW])[-_](.+)")
# those that fewer letters tell come first; "IOB" is both IOB1 and IOB2
_SCHEMES = {"IOB": "BI", "IOE": "IE", "BILUO": "BILU", "BIOES": "BIES", "BMEWO": "BMEW", "BMES": "BMES"}
_WITHOUT_ENDS = ("", "IOB", "IOE")  # in which one tag may follow any other
_FIRST = ("B", "U", "S", "W")
_LAST = ("L", "E", "U", "S", "W")


class Tag(NamedTuple):
    """prefix: "" for a label alone, and outside of entities. label: "" outside."""

    line: int
    prefix: str
    label: str


def is_tag(tag: str) -> bool:
    """Whether a word may be a tag; others may be note text."""
    return tag in _OUTSIDE or bool(_PREFIXED.fullmatch(tag)) or looks_like_label(tag)


def scheme_of(tags: Sequence[tuple[int, str]], where: str) -> str:
    """Return the scheme of a file's tags, each with its line; "" where they are labels alone.

    Raises DeidError with ``where`` and the line for prefixes of several schemes, or tags with and without.
    """
    found = [(line, tag, _PREFIXED.fullmatch(tag)) for line, tag in tags if tag not in _OUTSIDE]
    letters = {prefixed[1] for _, tag, prefixed in found if prefixed and tag not in known_labels()}
    bare = [line for line, _, prefixed in found if prefixed is None]
    if not letters or (bare and not letters & {"B", "I"}):  # E-MAIL is a label
        return ""
    if bare:
        raise DeidError(f"{where}, line {bare[0]}: a tag without a prefix among others with one. Remedy: B-NAME.")
    before: set[str] = set()
    for line, _, prefixed in found:
        before.add(prefixed[1] if prefixed else "")
        if not _schemes(before):
            raise DeidError(
                f"{where}, line {line}: the tag's prefix is of another scheme than those before it. "
                f"Remedy: one of {', '.join(_SCHEMES)} in all of the file."
            )
    return _schemes(before)[0]


def _schemes(letters: Set[str]) -> list[str]:
    return [name for name, known in _SCHEMES.items() if letters <= set(known)]


def read_tag(line: int, tag: str, scheme: str) -> Tag:
    """Return the parts of a tag that `is_tag`."""
    prefixed = _PREFIXED.fullmatch(tag) if scheme else None
    return Tag(line, prefixed[1], prefixed[2]) if prefixed else Tag(line, "", "" if tag in _OUTSIDE else tag)


def entities(tags: Sequence[Tag], scheme: str, where: str) -> Iterator[tuple[int, int]]:
    """Yield the first and the last index (inclusive) of each entity of a sentence.

    Raises DeidError with ``where`` and the line where a tag does not follow from the one before it in the scheme.
    """
    marks_ends = scheme not in _WITHOUT_ENDS
    first: int | None = None
    for number, tag in enumerate(tags):
        is_open = first is not None
        goes_on = is_open and _goes_on(tags[first or 0], tag)
        # where the last token is marked, what is open goes on and nothing else does
        if marks_ends and goes_on != (is_open or _says_it_goes_on(tag)):
            raise DeidError(
                f"{where}, line {tag.line}: the tag does not follow from the one before in {scheme}. Remedy: mend it."
            )
        if first is not None and not goes_on:
            yield first, number - 1
        if not goes_on:
            first = number if tag.label else None
        if first is not None and tag.prefix in _LAST:
            yield first, number
            first = None
    if first is not None and marks_ends:
        raise DeidError(f"{where}, line {tags[-1].line}: an entity has no end in {scheme}. Remedy: mend it.")
    if first is not None:
        yield first, len(tags) - 1


def _goes_on(first: Tag, tag: Tag) -> bool:
    return tag.label == first.label and tag.prefix not in _FIRST


def _says_it_goes_on(tag: Tag) -> bool:
    return bool(tag.prefix) and tag.prefix not in _FIRST
