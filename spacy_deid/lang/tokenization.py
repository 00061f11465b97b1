"""A tokenizer so fine that annotated identifiers begin and end at token boundaries."""

import re
from collections.abc import Callable, Iterable

import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.util import registry

from spacy_deid.errors import DeidError
from spacy_deid.lang.lexicon import add_word_flags, see_words
from spacy_deid.text import INVISIBLE, NO_WIDTH

# Diacritics and zero-width characters of any script belong to the character before them: "é" may be written as two code
# points, and any word may contain a soft hyphen.
_UNSEEN = (
    f"{INVISIBLE}\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
# a punctuation mark or symbol: neither letter, digit nor space
_MARK = rf"(?:[^\w\s{_UNSEEN}]|_)"
_SEEN = rf"(?=[^{_UNSEEN}])"


def _after(characters: str) -> str:
    """Return a pattern for the place after one of ``characters`` and at most two unseen characters."""
    behind = "|".join(rf"(?<={characters}{rf'[{_UNSEEN}]' * unseen})" for unseen in range(3))
    return f"(?:{behind}){_SEEN}"


# All alternatives have zero width: spaCy joins neighbouring infixes that have a width ("a..b" -> "a", ".", ".b").
_BORDER = re.compile(
    "(?s)"
    + "|".join(
        (
            _after(rf"[^\d{_UNSEEN}]") + r"(?=\d)",
            _after(r"\d") + r"(?=\D)",
            _after(_MARK),
            rf"(?<=.)(?={_MARK})",
            # zero-width characters before or after a word are not a part of it
            rf"(?<=\w)(?=[{NO_WIDTH}]+(?:\Z|[.,;:!?)]))",
            rf"(?<=(?<![\w{NO_WIDTH}])[{NO_WIDTH}])(?=\w)",
        )
    )
)


class FineTokenizer(Tokenizer):
    """A tokenizer with this version's boundaries, even in a pipeline that an earlier version saved."""

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> "FineTokenizer":
        """Load what was saved, such as a user's exceptions, but not the boundaries."""
        super().from_bytes(bytes_data, exclude=exclude)
        self.infix_finditer = _BORDER.finditer
        return self


@registry.tokenizers("deid.FineTokenizer.v1")
def create_fine_tokenizer() -> Callable[[Language], Tokenizer]:
    """Make tokens of letters, of digits and of single punctuation marks or symbols, in any language.

    The language's own exceptions and affix rules are left out: they keep "H.", "nhc-150679" or "19,11A" whole
    and so hide the boundaries of annotated spans. Words that look the same ("å" as one code point or two, with a soft
    hyphen or without) have the same boundaries and features, see `see_words`. Lexemes carry the flags of
    spacy_deid.lang.lexicon.
    """

    def tokenizer(nlp: Language) -> Tokenizer:
        see_words(nlp.vocab)
        add_word_flags(nlp.vocab, nlp.lang or "")
        return FineTokenizer(nlp.vocab, infix_finditer=_BORDER.finditer)

    return tokenizer


def fine_blank(lang: str) -> Language:
    """Return a pipeline without components for the language code ``lang``, with the fine tokenizer.

    Raises DeidError for a language unknown to spaCy.
    """
    try:
        return spacy.blank(lang, config={"nlp": {"tokenizer": {"@tokenizers": "deid.FineTokenizer.v1"}}})
    except ImportError:
        raise DeidError(f"spaCy knows no language {lang!r}. Remedy: a code such as es, sv, en or xx (any).") from None
