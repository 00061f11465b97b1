"""Bounds that no entity crosses: a blank line, the border of a table cell, the end of a line or sentence."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

from spacy_deid.annotate.policy import MODELS, Claim
from spacy_deid.annotate.ranges import Words, has_text
from spacy_deid.lang.no_names import NoNames

_BETWEEN_BLOCKS = re.compile(r"\n[^\S\n]*\n\s*|\r[^\S\r\n]*\r\s*|\t\s*")
_LINE_BREAK = re.compile(r"\r?\n\s*|\r\s*|[ ]?\|\s*")
_SENTENCE_END = re.compile(r"""([^\W\d_]*)([.!?…])["'”’»)\]]*\s+(?=["'“‘«(\[¿¡]*([^\W\d_]))""")
_ANY_BOUND = re.compile(r"[\n\r\t|]|[.!?…]\S*\s")
_WRAPPED = 50  # characters of a full line, whose sentence may continue on the next


class Bounds:
    """The bounds within a Doc's entities, at which claims are cut.

    No entity crosses a blank line or a tab, whatever its source: they separate a form's fields, table cells and FHIR
    elements. All parts of an entity of a rule or of the caller's record stay.

    A model's entity crosses neither the end of a sentence nor that of a line, unless the line is wrapped: it has 50
    characters or more, or ends in a hyphen. A sentence ends in a full stop, question or exclamation mark before white
    space and a capital, unless an abbreviation, a title or an initial precedes the full stop. A bar between cells ends
    a line.

    The first part of a model's entity that is cut stays, since a model is surest of the beginning. A further part stays
    if it has a digit or a word that is in no dictionary; otherwise it is text that the model wrongly included.
    """

    def __init__(self, words: Words, no_names: NoNames, is_ordinary: Callable[[int], bool]) -> None:
        """Prepare the bounds of a Doc.

        Args:
            words: The Doc's tokens.
            no_names: The words of its language that are not names.
            is_ordinary: Whether a dictionary has the word of a token.
        """
        self._words = words
        self._no_names = no_names
        self._is_ordinary = is_ordinary

    def cut(self, claim: Claim) -> Iterator[Claim]:
        """Yield the parts of ``claim`` that stay, without punctuation and space at the cuts."""
        starts = self._starts_of_parts(claim)
        if not starts:
            yield claim
            return
        edges = [claim.start, *starts, claim.end]
        for number, (start, end) in enumerate(pairwise(edges)):
            with_text = [at for at in range(start, end) if has_text(self._words[at])]
            if with_text and (not number or claim.source not in MODELS or any(map(self._may_identify, with_text))):
                yield replace(claim, start=with_text[0], end=with_text[-1] + 1)

    def _starts_of_parts(self, claim: Claim) -> list[int]:
        """Return the tokens at which the parts of the claim after the first begin."""
        if claim.end - claim.start < 2:
            return []
        text = self._words.span(claim.start, claim.end)
        if _ANY_BOUND.search(text) is None:
            return []
        first = self._words.starts[claim.start]
        places = {match.end() for match in _BETWEEN_BLOCKS.finditer(text)}
        if claim.source in MODELS:
            places.update(match.end() for match in _SENTENCE_END.finditer(text) if self._is_sentence_end(match))
            places.update(match.end() for match in _LINE_BREAK.finditer(text) if self._ends_line(first, match))
        return [at for at in range(claim.start, claim.end) if self._words.starts[at] - first in places]

    def _is_sentence_end(self, match: re.Match[str]) -> bool:
        word, mark, following = match.groups()
        return following.isupper() and not (mark == "." and word and self._no_names.ends_no_sentence(word))

    def _ends_line(self, first: int, match: re.Match[str]) -> bool:
        """Whether a line that is not wrapped ends at the match, in an entity from the character ``first`` on."""
        if "|" in match[0]:
            return True
        text, end = self._words.text, first + match.start()
        line_start = max(text.rfind("\n", 0, end), text.rfind("\r", 0, end)) + 1
        return end - line_start < _WRAPPED and not text[line_start:end].endswith(("-", "‐", "\u00ad"))

    def _may_identify(self, at: int) -> bool:
        word = self._words[at]
        return not word.isalpha() or (len(word) > 1 and not self._is_ordinary(at))
