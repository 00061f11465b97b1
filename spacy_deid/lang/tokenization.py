"""A tokenizer fine enough that annotated identifiers begin and end at token borders."""

import re
from collections.abc import Callable, Iterable

import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.util import registry

from spacy_deid.errors import DeidError
from spacy_deid.lang.lexicon import add_word_flags, see_words
from spacy_deid.text import INVISIBLE, NO_WIDTH

# Diacritics and characters without width belong to what stands before them, whatever script they are of: "é" may be
# written as two code points, and a soft hyphen may stand in any word.
_UNSEEN = (
    f"{INVISIBLE}\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
# A mark of its own: neither letter, digit nor space.
_MARK = rf"(?:[^\w\s{_UNSEEN}]|_)"
_SEEN = rf"(?=[^{_UNSEEN}])"


def _after(characters: str) -> str:
    """Return a pattern for a place behind one of ``characters`` and what stands unseen between, two at most."""
    behind = "|".join(rf"(?<={characters}{rf'[{_UNSEEN}]' * unseen})" for unseen in range(3))
    return f"(?:{behind}){_SEEN}"


# All alternatives are of zero width: spaCy glues neighbouring infixes that have a width ("a..b" -> "a", ".",
# ".b").
_BORDER = re.compile(
    "(?s)"
    + "|".join(
        (
            _after(rf"[^\d{_UNSEEN}]") + r"(?=\d)",
            _after(r"\d") + r"(?=\D)",
            _after(_MARK),
            rf"(?<=.)(?={_MARK})",
            # what has no width and stands before or behind a word is none of it
            rf"(?<=\w)(?=[{NO_WIDTH}]+(?:\Z|[.,;:!?)]))",
            rf"(?<=(?<![\w{NO_WIDTH}])[{NO_WIDTH}])(?=\w)",
        )
    )
)


class FineTokenizer(Tokenizer):
    """A tokenizer whose borders are this version's, also in a pipeline that an earlier one saved."""

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> "FineTokenizer":
        """Load what was saved, such as exceptions that somebody added, save the borders."""
        super().from_bytes(bytes_data, exclude=exclude)
        self.infix_finditer = _BORDER.finditer
        return self


@registry.tokenizers("deid.FineTokenizer.v1")
def create_fine_tokenizer() -> Callable[[Language], Tokenizer]:
    """Make tokens of letters, of digits and of single punctuation marks or symbols, in any language.

    The language's own exceptions and affix rules are left out: they keep "H.", "nhc-150679" or "19,11A" whole
    and so hide the borders of annotated spans. What is written in several ways but looks the same ("å" as one code
    point or two, a soft hyphen within) has the same borders and the same features, see `see_words`. Lexemes carry
    the flags of spacy_deid.lang.lexicon.
    """

    def tokenizer(nlp: Language) -> Tokenizer:
        see_words(nlp.vocab)
        add_word_flags(nlp.vocab, nlp.lang or "")
        return FineTokenizer(nlp.vocab, infix_finditer=_BORDER.finditer)

    return tokenizer


def fine_blank(lang: str) -> Language:
    """Return a pipeline without components for the language code ``lang``, with the fine tokenizer.

    Raises DeidError for a language that spaCy does not know.
    """
    try:
        return spacy.blank(lang, config={"nlp": {"tokenizer": {"@tokenizers": "deid.FineTokenizer.v1"}}})
    except ImportError:
        raise DeidError(f"spaCy knows no language {lang!r}. Remedy: a code such as es, sv, en or xx (any).") from None
