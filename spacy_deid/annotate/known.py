"""Values of the caller's record about patient, relatives and staff, found in the text in their variants.

``doc._.deid_known`` is set on a Doc before the pipeline runs::

    doc = nlp.make_doc(text)
    doc._.deid_known = [{"label": "NAME", "value": "Anna-Karin Svensson"}, {"label": "ID", "value": "19780412-1232"}]
    doc = nlp(doc)

`spacy_deid.annotate.known_names` searches for names, `spacy_deid.annotate.known_values` for all other values.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import TypedDict

from spacy_deid.annotate.known_names import find_initials, find_name
from spacy_deid.annotate.known_names import is_findable as is_findable_name
from spacy_deid.annotate.known_values import find_value
from spacy_deid.annotate.known_values import is_findable as is_findable_value
from spacy_deid.errors import DeidError
from spacy_deid.labels import categories, category_of, known_labels, shown_label
from spacy_deid.lang.pack import pack_of
from spacy_deid.lang.recognizer import Match
from spacy_deid.text import without_diacritics

KNOWN = "known"
_INITIALS_SCORE = 0.6  # "MS" may be a person or a disease: guards and longer matches take precedence


class Known(TypedDict):
    """One value of the record; ``label``: one of labels.toml."""

    label: str
    value: str


def find_known(text: str, record: Iterable[Known], lang: str) -> Iterator[Match]:
    """Yield the variants of the record's values in a text.

    Args:
        text: The untouched text.
        record: The entries, matched one after the other. An empty value is skipped. A value that is never searched for,
            such as a single letter, causes a UserWarning.
        lang: The code of a language pack.

    Yields:
        Matches on the characters of ``text``, with the score 1.0, or 0.6 for initials.

    Raises:
        DeidError: For an entry that is not a dict of a label of labels.toml and a value, both str.
    """
    folded = without_diacritics(text)
    for number, entry in enumerate(record, start=1):
        label, value = _checked(entry, number)
        if not any(map(str.isalnum, value)):
            continue
        if not is_findable(entry, lang):
            _warn(label, number)
            continue
        if category_of(label) == "NAME":
            for start, end in find_name(text, folded, value, ending=pack_of(lang).facts.genitive.ending):
                yield Match(start, end, label, KNOWN, 1.0)
            for start, end in find_initials(folded, value):
                yield Match(start, end, label, KNOWN, _INITIALS_SCORE)
        else:
            for start, end in find_value(folded, value, category_of(label), lang):
                yield Match(start, end, label, KNOWN, 1.0)


def is_findable(known: Known, lang: str) -> bool:
    """Whether a value is searched for: a name needs two letters, a number four digits."""
    category, value = category_of(known["label"]), known["value"]
    return is_findable_name(value) if category == "NAME" else is_findable_value(value, category, lang)


def _warn(label: str, number: int) -> None:
    warnings.warn(
        f"doc._.deid_known, entry {number}: the value of {label} is too short to be searched for. "
        "Remedy: leave it out, or give a name of two letters or more, a number of four digits or more.",
        stacklevel=4,
    )


def _checked(entry: Known, number: int) -> tuple[str, str]:
    label, value = (entry.get("label"), entry.get("value")) if isinstance(entry, Mapping) else (None, None)
    if not isinstance(label, str) or not isinstance(value, str) or not label:
        raise DeidError(
            f"doc._.deid_known, entry {number}: not a dict with a label and a value, both str. "
            'Remedy: {"label": "NAME", "value": "..."}.'
        )
    if label not in known_labels():
        raise DeidError(
            f"doc._.deid_known, entry {number}: the label {shown_label(label)!r} is not in labels.toml. "
            f"Remedy: use one of {', '.join(categories())}, or another label of labels.toml."
        )
    return label, value
