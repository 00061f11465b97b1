"""Fills the slots that the language model wrote with the values of one invented note."""

from random import Random

from spacy_deid.corpus.templates.fill import fill, join
from spacy_deid.corpus.templates.template import Parts, Slot
from spacy_deid.extensions import CharSpan
from spacy_deid.generate.slots.notation import GAP, in_styles, labelled_slots
from spacy_deid.labels import category_of
from spacy_deid.lang.pack import pack_of
from spacy_deid.surrogates.cast import Cast

_TRIES = 30


def filled(parts: Parts, lang: str, seed: int) -> tuple[str, tuple[CharSpan, ...]]:
    """Return the text with a value in place of each slot, and the spans of the values with the labels of the slots.

    Args:
        parts: Text and slots.
        lang: Code of the language, from whose public sources all values are drawn.
        seed: The same seed gives the same values. A stem is one person, place or date throughout the note.
    """
    rng = Random(seed)  # noqa: S311
    return join(fill(parts, values_for(parts, lang, rng), {}, rng, decimal_mark=pack_of(lang).facts.decimal_mark))


def values_for(parts: Parts, lang: str, rng: Random) -> "SlotValues":
    """Return the people, places and dates of a note with these slots, whose sexes agree with the slots."""
    return SlotValues(lang, _cast(parts, lang, rng))


class SlotValues:
    """The values of a `Cast` in the styles at the end of a slot's form; see `notation`."""

    def __init__(self, lang: str, cast: Cast) -> None:
        self._labels = labelled_slots(lang)
        self._cast = cast

    def value(self, stem: str, form: str | None) -> str:
        """Return the value of a slot."""
        if stem == GAP:
            return ""
        name, *styles = (form or "").split(".")
        label = self._labels[f"{stem}.{name}" if name else stem]
        return in_styles(lambda: self._cast.value(stem, name or None), tuple(styles), label)

    def gender(self, stem: str) -> str:
        """Return "f" or "m"."""
        return self._cast.gender(stem)


def _cast(parts: Parts, lang: str, rng: Random) -> Cast:
    """Draw people until their sexes agree with the slots, or give up."""
    genders: dict[str, str] = {}
    for part in parts:
        # a language model may write a sex for a slot that is not a person
        if isinstance(part, Slot) and part.form and category_of(part.label) == "SEX":
            for style in part.form.split("."):
                if style in ("f", "m"):
                    genders.setdefault(part.stem, style)
    cast = Cast(lang, rng)
    for _ in range(_TRIES):
        if all(cast.gender(stem) == gender for stem, gender in genders.items()):
            break
        cast = Cast(lang, rng)
    return cast
