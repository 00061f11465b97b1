"""Typing errors: each changes a text at or after the character ``at``, or returns it unchanged.

None removes a space at the start or end of a text, which may be all that separates it from a value, and none makes a
text empty.
"""

import random
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

TypingError: TypeAlias = Callable[[str, int, random.Random], str]

_SPACE_AFTER_MARK = re.compile(r"(?<=[.,;:!?]) (?! )")
_MARK_IN_TEXT = re.compile(r"[.,;:](?=[ \n])")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")


def typo(text: str, at: int, rng: random.Random, neighbours: Mapping[str, str]) -> str:
    """Replace, swap, drop or double a letter within a word; ``neighbours``: letter -> the keys around it."""
    if not (0 < at < len(text) - 1 and text[at - 1 : at + 2].isalpha()):
        return text
    before, letter, after = text[:at], text[at], text[at + 1 :]
    match rng.randrange(4):
        case 0:
            missed = rng.choice(neighbours.get(letter.lower(), letter))
            return before + (missed.upper() if letter.isupper() else missed) + after
        case 1:
            return before + after[0] + letter + after[1:]
        case 2:
            return before + after
        case _:
            return before + letter + letter + after


def join_words(text: str, at: int, _: random.Random) -> str:
    """Leave out the space between two words of the text."""
    at = text.find(" ", at)
    inside = 0 < at < len(text) - 1
    return text[:at] + text[at + 1 :] if inside and text[at - 1].isalnum() and text[at + 1].isalnum() else text


def join_sentences(text: str, at: int, _: random.Random) -> str:
    """Leave out the space after a punctuation mark."""
    return _without(_SPACE_AFTER_MARK.search(text, at), text)


def double_space(text: str, at: int, _: random.Random) -> str:
    """Press the space bar twice."""
    at = text.find(" ", at)
    return text if at < 0 else f"{text[:at]} {text[at:]}"


def break_line(text: str, at: int, _: random.Random) -> str:
    """Break the line at a space."""
    at = text.find(" ", at)
    return text if at < 0 else f"{text[:at]}\n{text[at + 1 :]}"


def drop_mark(text: str, at: int, _: random.Random) -> str:
    """Leave out a punctuation mark, unless only white space would separate two values then."""
    fewer = _without(_MARK_IN_TEXT.search(text, at), text)
    return text if fewer.isspace() else fewer


def decimal_point(text: str, at: int, _: random.Random) -> str:
    """Write a decimal number with a point."""
    match = _DECIMAL_COMMA.search(text, at)
    return f"{text[: match.start()]}.{text[match.end() :]}" if match else text


def _without(match: re.Match[str] | None, text: str) -> str:
    return text[: match.start()] + text[match.end() :] if match else text
