"""The survival check: does a redacted value still stand in what was written?

A document fails where one does, so what is no identifier must not count. `ValueIndex` says in which forms a value is
looked for, and how alike a short one must be. Values that stand in a replacement as well (a date that another date was
shifted to, "DATE" in "[DATE]") are ``allowed`` as often as they stand there, and no more; so is a name in a disease
that the pipeline left in, see `diseases_left`. Beside the text that was redacted, nothing is allowed, and case says
nothing.
"""

import re
from collections.abc import Iterable, Iterator

from spacy.tokens import Doc

from spacy_deid.errors import DeidError
from spacy_deid.labels import category_of
from spacy_deid.lang.lexicon import diseases_of_eponyms
from spacy_deid.redact.offsets import Replacement
from spacy_deid.redact.value_index import ValueIndex

_MAY_STAY_AS_THEY_ARE = ("band", "generalise", "shift")  # an age in a band of one, a region, a weekday
_FIRST_WORD = re.compile(r"[^\W\d_]+\W+")
_DIGITS_OF_A_YEAR = 4


def redacted_values(doc: Doc) -> list[str]:
    """Return the values that ``deid_redact`` replaced in a Doc, each once, in the order of the text.

    A date is there without the words before it too: where "den 12 april" is redacted, "12 april" must not stay.
    Values that a policy leaves as they are by its own choice are not: an age below 90 in a band of one year, a region
    that stands for itself. Raises DeidError for a Doc that nobody has redacted.
    """
    if doc._.deid_replacements is None:
        msg = "A document was not redacted. Remedy: add deid_redact to the end of the pipeline."
        raise DeidError(msg)
    text = doc.text
    values: dict[str, None] = {}
    for each in doc._.deid_replacements:
        start, end, replacement, label, mode = Replacement(*each)
        value = text[start:end]
        if mode not in _MAY_STAY_AS_THEY_ARE or replacement.casefold() != value.casefold():
            values[value] = None
            if category_of(label) == "DATE":
                values.update(dict.fromkeys(_without_first_words(value)))
    return list(values)


def _without_first_words(date: str) -> Iterator[str]:
    """Yield a date without its first word, its first two and so on, as long as more than a day or a year is left."""
    while word := _FIRST_WORD.match(date):
        date = date[word.end() :]
        if any(map(str.isdecimal, date)) and not (date.isdecimal() and len(date) <= _DIGITS_OF_A_YEAR):
            yield date


def diseases_left(doc: Doc, lang: str) -> list[str]:
    """Return the diseases with somebody's name that no replacement touches, each as often as it stands there.

    "Sjögrens syndrom" names no patient, whatever they are called. Only the terms of the language's words.toml count,
    and only where the pipeline found no identifier: "Sjögrens remiss" fails a document in which Sjögren was redacted.
    """
    replaced = [Replacement(*each) for each in doc._.deid_replacements]
    starts = [0, *(each.end for each in replaced)]
    ends = [*(each.start for each in replaced), len(doc.text)]
    term, text = diseases_of_eponyms(lang), doc.text
    return [found[0] for start, end in zip(starts, ends, strict=True) for found in term.finditer(text, start, end)]


def survivors(redacted: Iterable[str], output: str = "", *, allowed: Iterable[str] = (), beside: str = "") -> list[int]:
    """Return the indices of the ``redacted`` values that still stand in ``output`` or ``beside``, see `ValueIndex`.

    allowed: the texts of replacements and the `diseases_left`, each as often as it stands in ``output``. beside: what
    is written with it but is no prose: names of files and columns, other columns. The time grows with the length of
    the texts plus that of the values, not with their product.
    """
    index = ValueIndex(redacted)
    found = index.count(output)
    if found:
        for text in allowed:
            found.subtract(index.count(text))
    return sorted(+found + index.count(beside, is_prose=False))
