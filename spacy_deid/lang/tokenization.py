"""A tokenizer fine enough that annotated identifiers begin and end at token borders."""

import re
from collections.abc import Callable

import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.util import registry

from spacy_deid.errors import DeidError
from spacy_deid.lang.lexicon import add_word_flags

# A mark of its own: neither letter, digit nor space. Combining diacritics stay with their letter, since
# "é" may be written as two code points.
_MARK = r"(?:[^\w\s\u0300-\u036f]|_)"

# All alternatives are of zero width: spaCy glues neighbouring infixes that have a width ("a..b" -> "a", ".",
# ".b").
_BORDER = rf"(?s)(?<=\D)(?=\d)|(?<=\d)(?=\D)|(?<={_MARK})(?=.)|(?<=.)(?={_MARK})"


@registry.tokenizers("deid.FineTokenizer.v1")
def create_fine_tokenizer() -> Callable[[Language], Tokenizer]:
    """Make tokens of letters, of digits and of single punctuation marks or symbols, in any language.

    The language's own exceptions and affix rules are left out: they keep "H.", "nhc-150679" or "19,11A" whole
    and so hide the borders of annotated spans. Lexemes carry the flags of spacy_deid.lang.lexicon.
    """

    def tokenizer(nlp: Language) -> Tokenizer:
        add_word_flags(nlp.vocab, nlp.lang or "")
        return Tokenizer(nlp.vocab, infix_finditer=re.compile(_BORDER).finditer)

    return tokenizer


def fine_blank(lang: str) -> Language:
    """Return a pipeline without components for the language code ``lang``, with the fine tokenizer.

    Raises DeidError for a language that spaCy does not know.
    """
    try:
        return spacy.blank(lang, config={"nlp": {"tokenizer": {"@tokenizers": "deid.FineTokenizer.v1"}}})
    except ImportError:
        raise DeidError(f"spaCy knows no language {lang!r}. Remedy: a code such as es, sv, en or xx (any).") from None
