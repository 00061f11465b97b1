"""Which words are ordinary ones of a language: a feature that tells "Glömmer" from a name.

A pipeline for CPUs learns few words from its notes, and takes the others for names where they begin with a capital. Two
flags of a lexeme say what a dictionary knows (simplemma's, MIT); in a config they stand among a tok2vec's ``attrs``:

- `ORDINARY` ("FLAG20"): the word is in the dictionary, or a clinical term of the language's words.toml, and in no list
  of names, towns, months or weekdays.
- `ORDINARY_END` ("FLAG21"): its last six letters or more are such a word, as in Swedish compounds.
"""

import re
import tomllib
from functools import cache, partial
from importlib.resources import files

from spacy.attrs import FLAG20, FLAG21
from spacy.vocab import Vocab

from spacy_deid.lang.surrogates.tables import CLINICAL_LISTS, read_lines, read_table, words_of

ORDINARY, ORDINARY_END = FLAG20, FLAG21
_SHORTEST_END = 6  # letters; many surnames end in shorter words: -ström, -holm


def add_word_flags(vocab: Vocab, lang: str) -> None:
    """Let the lexemes that ``vocab`` makes from now on carry the flags; languages without lists have none set."""
    if not files("spacy_deid.lang").joinpath(lang, "forms.toml").is_file():
        return
    # not Vocab.add_flag: it would read the dictionary now, for the lexemes that are there
    getters: dict = vocab.lex_attr_getters  # type: ignore[attr-defined]
    getters[ORDINARY] = partial(is_ordinary, lang=lang)
    getters[ORDINARY_END] = partial(has_ordinary_end, lang=lang)


def is_ordinary(word: str, lang: str) -> bool:
    """Whether a dictionary or a list of clinical terms holds ``word``, in any case, and no list of what identifies."""
    from simplemma import is_known  # reads its dictionary when first asked: half a second

    word = word.lower()
    known = word in _clinical(lang) or is_known(word, lang=lang)
    return word.isalpha() and known and word not in _identifying(lang)


def has_ordinary_end(word: str, lang: str) -> bool:
    """Whether ``word`` ends in an ordinary word of six letters or more and begins with two others or more."""
    return any(is_ordinary(word[at:], lang) for at in range(2, len(word) - _SHORTEST_END + 1))


@cache
def _clinical(lang: str) -> frozenset[str]:
    """Return the words of the clinical terms in lower case; not of eponyms, which are people's names as well."""
    terms = [term for key in CLINICAL_LISTS if key != "eponym" for term in words_of(lang)[key]]
    return frozenset(word for term in terms for word in re.findall(r"[^\W\d_]+", term.lower()))


@cache
def _identifying(lang: str) -> frozenset[str]:
    """Return the words of the package's own lists of names and towns, and of the calendar, in lower case."""
    forms = read_table(lang, "forms.toml")
    texts = [*forms["months"], *forms["weekdays"], *forms["lists"].get("land", [])]
    texts += [line.partition(";")[0] for line in read_lines(lang, "towns.txt")]
    for origin in forms["origins"]:
        table = tomllib.loads(files("spacy_deid.lang.surrogates").joinpath("names", f"{origin}.toml").read_text("utf8"))
        texts += [table[kind] for kind in ("female", "male", "last")]
    words = {word for text in texts for word in re.findall(r"[^\W\d_]+", text.lower())}
    return frozenset(words | {f"{word}s" for word in words})
