"""The survival check: whether a redacted value is still in the output.

A document with a surviving value fails, so other text must not count. `spacy_deid.lang.same_value` defines the forms in
which a value is searched for, and `ValueIndex` how strictly a short one is compared. A value that also occurs in a
replacement (a date to which another date was shifted, "DATE" in "[DATE]") is ``allowed`` as often as it occurs there;
so is a name in a disease that the pipeline left in the text, see `diseases_left`. Beside the redacted text nothing is
allowed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from spacy.tokens import Doc

from spacy_deid import extensions as _extensions  # noqa: F401  registers deid_replacements
from spacy_deid.errors import DeidError
from spacy_deid.labels import category_of
from spacy_deid.lang.lexicon import diseases_of_eponyms
from spacy_deid.lang.same_value import original_offset, plain
from spacy_deid.offsets import Replacement
from spacy_deid.redact.value_forms import Value
from spacy_deid.redact.value_index import Occurrence, ValueIndex

# separates unconnected texts; without a word in it, a value could be found across the end of one
BREAK = "\nx\n"
_MAY_STAY_AS_THEY_ARE = ("band", "generalise", "shift")  # an age in a band of one year, a region, a weekday
_FIRST_WORD = re.compile(r"[^\W\d_]+\W+")
_DIGITS_OF_A_YEAR = 4


class Survivor(NamedTuple):
    """A surviving value. place: that of a text beside, "" for the output. offset: in the output, of the first."""

    value: Value
    place: str = ""
    offset: int = 0


def redacted_values(doc: Doc) -> list[Value]:
    """Return the values that ``deid_redact`` replaced in a Doc, each once, in the order of the text.

    A date is also returned without the words before it: if "den 12 april" is redacted, "12 april" must not stay. Values
    that a policy leaves unchanged by design are not returned: an age below 90 in a band of one year, a region. Raises
    DeidError for a Doc that was not redacted.
    """
    if doc._.deid_replacements is None:
        msg = "A document was not redacted. Remedy: add deid_redact to the end of the pipeline."
        raise DeidError(msg)
    text = doc.text
    values: dict[str, Value] = {}
    for each in doc._.deid_replacements:
        start, end, replacement, label, mode = Replacement(*each)
        value = text[start:end]
        if mode not in _MAY_STAY_AS_THEY_ARE or replacement.casefold() != value.casefold():
            category = category_of(label)
            forms = [value, *(_without_first_words(value) if category == "DATE" else ())]
            for form in forms:
                values.setdefault(form, Value(form, category, end - len(form)))
    return list(values.values())


def _without_first_words(date: str) -> Iterator[str]:
    """Yield a date without its first word, its first two words and so on, while more than a day or a year remains."""
    while word := _FIRST_WORD.match(date):
        date = date[word.end() :]
        if any(map(str.isdecimal, date)) and not (date.isdecimal() and len(date) <= _DIGITS_OF_A_YEAR):
            yield date


def diseases_left(doc: Doc, lang: str) -> list[str]:
    """Return the eponymous diseases that no replacement touches, each as often as it occurs.

    "Sjögrens syndrom" never names a patient. Only the terms of the language's words.toml count, and only where the
    pipeline found no identifier: "Sjögrens remiss" fails a document in which Sjögren was redacted.
    """
    replaced = [Replacement(*each) for each in doc._.deid_replacements]
    starts = [0, *(each.end for each in replaced)]
    ends = [*(each.start for each in replaced), len(doc.text)]
    term, text = diseases_of_eponyms(lang), doc.text
    return [found[0] for start, end in zip(starts, ends, strict=True) for found in term.finditer(text, start, end)]


def survivors(
    redacted: ValueIndex, output: str = "", *, allowed: Iterable[str] = (), beside: Sequence[tuple[str, str]] = ()
) -> list[Survivor]:
    """Return the values that survive.

    The time grows with the length of the texts plus that of the values, not with their product.

    Args:
        redacted: The values that were redacted.
        output: The redacted text.
        allowed: The texts of replacements and the `diseases_left`, each as often as it occurs in ``output``.
        beside: Texts written with it, such as other columns, each with its place.

    Returns:
        The values that are still in ``output`` or ``beside``, each once for each of the two.
    """
    found = redacted.count(output)
    texts = list(allowed) if found else []
    for text in texts:
        found.subtract(redacted.count(text))
    values = sorted(+found)
    # the offset of the first only: a long text may have thousands
    in_output = [_in_output(redacted, value, output, texts) for value in values[:1]]
    return in_output + [Survivor(redacted[value]) for value in values[1:]] + [*_beside(redacted, beside)]


def stands_in_name(redacted: ValueIndex, name: str) -> bool:
    """Whether the name of a file, a folder or a column contains a value or any part of one, in any case."""
    return bool(name) and next(redacted.places(name, "name"), None) is not None


def _in_output(redacted: ValueIndex, value: int, output: str, allowed: Sequence[str]) -> Survivor:
    """Return the first occurrence of the value outside the allowed texts."""
    places = [place for place in redacted.places(output) if place.value == value]
    text, spans = plain(output), [plain(each) for each in allowed]
    place = next((place for place in places if not any(_is_within(place, text, span) for span in spans)), places[0])
    return Survivor(redacted[value], offset=original_offset(output, place.start))


def _is_within(place: Occurrence, text: str, span: str) -> bool:
    return text.find(span, max(place.end - len(span), 0), place.start + len(span)) >= 0


def _beside(redacted: ValueIndex, beside: Sequence[tuple[str, str]]) -> Iterator[Survivor]:
    # all texts at once and most strictly first, since as a rule there is nothing
    if not stands_in_name(redacted, BREAK.join(text for text, _ in beside)):
        return
    seen: set[int] = set()
    for text, where in beside:
        for place in redacted.places(text, "beside"):
            if place.value not in seen:
                seen.add(place.value)
                yield Survivor(redacted[place.value], where)
