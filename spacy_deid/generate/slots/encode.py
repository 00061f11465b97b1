"""Notes with a slot in place of each identifier: the texts that a model is adapted to in the mode "slots"."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from random import Random

from spacy.tokens import Doc

from spacy_deid.extensions import CharSpan, char_spans
from spacy_deid.generate.slots.notation import GAP, escaped, labelled_slots, styles_of, written
from spacy_deid.generate.slots.people import People, stems_of_people
from spacy_deid.labels import category_of, in_categories
from spacy_deid.lang.pack import pack_of
from spacy_deid.surrogates.cast import Cast
from spacy_deid.surrogates.source import source_of

_SHORTEST_REPEAT = 4  # characters
_BEFORE = 40  # characters that are searched for a title or a cue of a birthday
_SAMPLES = 80  # values drawn of each slot
_GRAM = 3
_UNSEEN = 1e-4  # share of a trigram that is in no sample


def slot_text(doc: Doc, lang: str) -> str:
    """Return the text of an annotated note with a slot for every identifier.

    A value that is annotated once and has a digit or an upper-case letter becomes a slot wherever the note repeats it,
    whether that is annotated or not.
    """
    text = doc.text
    spans = with_repeats(text, without_overlaps(char_spans(doc)))
    pieces = slots_at(spans, text, lang)
    edges = [0, *(edge for span in spans for edge in (span.start, span.end)), len(text)]
    between = [escaped(text[start:end]) for start, end in list(pairwise(edges))[::2]]
    return between[0] + "".join(slot + after for slot, after in zip(pieces, between[1:], strict=True))


def slots_at(spans: Iterable[CharSpan], text: str, lang: str) -> list[str]:
    """Return the slot of each span of one note's text, as it is written; the spans are in order and do not overlap."""
    slots = _Slots(lang)
    return [slots.of(span, text) for span in spans]


def without_overlaps(spans: Iterable[CharSpan]) -> list[CharSpan]:
    """Return the spans in order; overlapping ones are joined and get the label of the longest."""
    joined: list[list[CharSpan]] = []
    end = -1
    for span in sorted(spans):
        if span.start < end:
            joined[-1].append(span)
        else:
            joined.append([span])
        end = max(end, span.end)
    return [
        CharSpan(group[0].start, max(span.end for span in group), max(group, key=lambda s: s.end - s.start).label)
        for group in joined
    ]


def with_repeats(text: str, spans: Sequence[CharSpan]) -> list[CharSpan]:
    """Return the spans and every further occurrence of their values, and of the words of their names, in order."""
    labels: dict[str, str] = {}
    for start, end, label in spans:
        values = [text[start:end].strip()]
        if category_of(label) == "NAME":
            values += re.findall(r"[^\W\d_]+", values[0])
        for value in values:
            if len(value) >= _SHORTEST_REPEAT and any(map(_is_distinctive, value)):
                labels.setdefault(value, label)
    if not labels:
        return list(spans)
    longest_first = sorted(labels, key=len, reverse=True)
    repeat = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    edges = [0, *(edge for span in spans for edge in (span.start, span.end)), len(text)]
    found = [
        CharSpan(match.start(), match.end(), labels[match[0]])
        for start, end in list(pairwise(edges))[::2]
        for match in repeat.finditer(text, start, end)
    ]
    return sorted([*spans, *found])


def _is_distinctive(letter: str) -> bool:
    return letter.isdigit() or letter.isupper()


class _Slots:
    """The slots of one note's values: facts are those of the person named last, and equal values share a slot."""

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._people = People(lang)
        self._met = ""  # the stem of the person last named
        self._numbered: dict[str, list[str]] = {}

    def of(self, span: CharSpan, text: str) -> str:
        """Return the slot of the value at ``span``, as it is written in a text."""
        value, label = text[span.start : span.end], span.label
        slots = _slots_for(label, self._lang)
        if not slots:
            return written(GAP)
        before = text[max(0, span.start - _BEFORE) : span.start]
        if category_of(label) == "NAME":
            slot = self._people.slot(value, stems_of_people(self._lang, before))
            self._met = slot.partition(".")[0]
        else:
            slot = self._of_fact(value, slots, before)
        return written(slot, *styles_of(value, label, self._lang))

    def _of_fact(self, value: str, slots: Sequence[str], before: str) -> str:
        births = [slot for slot in slots if slot.endswith(".birth")]
        if births and _words_of_birth(self._lang).search(before):
            return next((slot for slot in births if slot.startswith(f"{self._met}.")), births[0])
        # one slot of each form: the facts of all people have the same form, except the number, as staff have a licence
        forms: dict[str, list[str]] = {}
        for slot in slots:
            if slot not in births:
                stem, _, form = slot.partition(".")
                forms.setdefault(form or stem.rstrip("0123456789"), []).append(slot)
        first = {(form == "id" and self._of_met(same)) or same[0]: same for form, same in forms.items()}
        chosen = most_similar(value, first, self._lang)
        return self._of_met(first[chosen]) or self._of_value(value, first[chosen])

    def _of_met(self, slots: Iterable[str]) -> str | None:
        return next((slot for slot in slots if slot.startswith(f"{self._met}.")), None)

    def _of_value(self, value: str, slots: Sequence[str]) -> str:
        """Return the slot of a value that belongs to no person: each other value has another number of the stem."""
        stem = slots[0].partition(".")[0]
        numbered = [slot for slot in slots if slot.partition(".")[0].rstrip("0123456789") == stem]
        values = self._numbered.setdefault(slots[0], [])
        if value.casefold() not in values:
            values.append(value.casefold())
        return numbered[values.index(value.casefold()) % len(numbered)]


@cache
def _words_of_birth(lang: str) -> re.Pattern[str]:
    return re.compile(pack_of(lang).facts.birth_words or "(?!)", re.IGNORECASE | re.VERBOSE)


def _slots_for(label: str, lang: str) -> list[str]:
    """Return the slots of a label's category; none for a label that is not in labels.toml."""
    same = [slot for slot, category in labelled_slots(lang).items() if category == in_categories(label)]
    # a stem without a form is any of its forms
    with_forms = {slot.partition(".")[0] for slot in same if "." in slot}
    return [slot for slot in same if slot not in with_forms]


def most_similar(value: str, slots: Iterable[str], lang: str) -> str:
    """Return the one of ``slots`` (``stem`` or ``stem.form``) whose values are most similar to ``value``.

    Similarity is the likelihood under a naive Bayes model of character trigrams, in which all digits are equal and case
    is ignored. The first of equal slots wins. A known town is a city, even if a region has the same name.
    """
    slots = list(slots)
    if value.casefold() in _towns(lang):
        slots = [slot for slot in slots if slot.endswith(".city")] or slots
    grams = _grams(value)

    def log_likelihood(slot: str) -> float:
        shares = _profile(slot, lang)
        return sum(math.log(shares.get(gram, 0) + _UNSEEN) for gram in grams)

    return max(slots, key=log_likelihood)


@cache
def _samples(slot: str, lang: str) -> tuple[str, ...]:
    stem, _, form = slot.partition(".")
    return tuple(Cast(lang, Random(seed)).value(stem, form or None) for seed in range(_SAMPLES))  # noqa: S311


@cache
def _profile(slot: str, lang: str) -> Mapping[str, float]:
    counts = Counter(gram for value in _samples(slot, lang) for gram in _grams(value))
    return {gram: count / counts.total() for gram, count in counts.items()}


@cache
def _towns(lang: str) -> frozenset[str]:
    return frozenset(town.name.casefold() for town in source_of(lang).towns)


def _grams(value: str) -> list[str]:
    shape = f"^{_shape(value)}$"
    return [shape[at : at + _GRAM] for at in range(max(1, len(shape) - _GRAM + 1))]


def _shape(value: str) -> str:
    return "".join("0" if letter.isdigit() else letter for letter in value.casefold())
