"""The written forms of a known person's name: "Svensson, Anna-Karin", "anna karins", "A. Svensson", "AKS"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from spacy_deid.annotate.ranges import Range
from spacy_deid.lang.pack import name_particles
from spacy_deid.text import LETTER, spelled, visible, without_diacritics

_SHORTEST_PART = 3  # letters of a name's part that is searched for by itself
_WORD = re.compile(LETTER + "+")
_WRAPPED = re.compile(r"-\r?\n")
_BETWEEN = r"(?:,?\s{1,2}|\s?[-‐‑–’']\s?|,)"


@dataclass(frozen=True)
class _Name:
    words: frozenset[str]  # in lower case, with their diacritics
    ends: tuple[str, str]  # first and last part, folded
    parts: frozenset[str]  # folded, without particles
    pattern: re.Pattern[str]
    initials: re.Pattern[str] | None
    ending: str

    def part_of(self, word: str, parts: frozenset[str]) -> str:
        """Return ``word`` if it is one of the parts, else ``word`` without the genitive's ending."""
        return word if word in parts else word.removesuffix(self.ending)


def find_name(text: str, folded: str, value: str, *, ending: str) -> Iterator[Range]:
    """Yield the occurrences of a name, or of parts of it in a row.

    Case does not matter. A part of three letters or more counts by itself; a shorter one and a particle ("Li", "de")
    only within a name. Parts may come in any order, with initials for some. Other diacritics than the record's are
    accepted if the word has a capital or is not alone: "Par" and "par lund" are Pär Lund, "par" is not.

    Args:
        text: The untouched text.
        folded: The text without diacritics.
        value: The name.
        ending: The ending of a genitive, with which the name counts as well; "" for none.

    Yields:
        Ranges of characters.
    """
    name = _name(value, ending)
    if name is None:
        return
    for match in name.pattern.finditer(folded):
        words = _WORD.findall(visible(_WRAPPED.sub("", text[match.start() : match.end()])))
        if _is_enough(words, name) and _is_written_so(words, name):
            yield match.span()


def is_findable(value: str) -> bool:
    """Whether a name has a part of two letters or more, by which it can be found."""
    return _name(value, "") is not None


def find_initials(folded: str, value: str) -> Iterator[Range]:
    """Yield the occurrences of the name's initials, two or three capitals: "AKS", "A.K.S.", "AS"."""
    name = _name(value, "")
    if name is not None and name.initials is not None:
        yield from (match.span() for match in name.initials.finditer(folded))


def _is_enough(words: list[str], name: _Name) -> bool:
    """Whether a longer part of the name, or both its first and its last part, are among the words."""
    folded = [_folded(word) for word in words]
    if any(len(word) >= _SHORTEST_PART and name.part_of(word, name.parts) in name.parts for word in folded):
        return True
    whole = set(name.ends) <= {name.part_of(word, name.parts) for word in folded}
    return whole and (len(words) > 1 or words[0][0].isupper())


def _is_written_so(words: list[str], name: _Name) -> bool:
    """Whether each word that differs in diacritics has a capital, or there are several words."""
    return len(words) > 1 or words[0][0].isupper() or name.part_of(words[0].lower(), name.words) in name.words


@lru_cache(maxsize=256)
def _name(value: str, ending: str) -> _Name | None:
    value = visible(value)
    words = _WORD.findall(value)
    compounds = ["".join(_WORD.findall(part)) for part in value.split()]
    mains = _with_particles([_folded(word) for word in words])
    own = [compound for compound in map(_folded, compounds) if compound not in name_particles()]
    parts = dict.fromkeys(own, "") | mains
    parts = {part: particles for part, particles in parts.items() if len(part) > 1}
    if not parts:
        return None
    initials = [main[0].upper() for main in mains]
    return _Name(
        frozenset(word.lower() for word in words + compounds),
        (next(iter(mains)), next(reversed(mains))),
        frozenset(parts),
        _row_of(parts, initials, ending),
        _initials_of(initials),
        ending,
    )


def _folded(word: str) -> str:
    return without_diacritics(word).lower()


def _with_particles(words: list[str]) -> dict[str, str]:
    """Return each part of a name with a pattern of the particles that may precede it: for "de la Cruz", (de )?la ."""
    mains: dict[str, str] = {}
    particles = ""
    for word in words:
        if word in name_particles():
            particles = rf"(?:{particles}{spelled(word)}\s{{1,2}})?"
        else:
            mains[word] = particles
            particles = ""
    return mains or dict.fromkeys(words, "")


def _row_of(parts: dict[str, str], initials: list[str], ending: str) -> re.Pattern[str]:
    """Return the pattern of parts in a row, at most as many as the name has, with initials for some."""
    longest_first = sorted(parts, key=lambda part: (-len(part), part))
    any_part = "|".join(parts[part] + spelled(part) for part in longest_first)
    genitive = f"(?:[’']?{re.escape(ending)})?" if ending else ""
    part = f"(?:{any_part}){genitive}(?!{LETTER})"
    initial = f"(?-i:[{''.join(initials)}])(?!{LETTER})"
    fewer = f"{{0,{len(initials) - 1}}}"
    begin = rf"(?:{initial}(?:\.\s?|[\s\-'’])){fewer}{part}"
    return re.compile(rf"(?<!{LETTER}){begin}(?:{_BETWEEN}(?:{begin}|{initial})){fewer}", re.IGNORECASE)


def _initials_of(letters: list[str]) -> re.Pattern[str] | None:
    """Return the pattern of all initials and of the first and last, if these are two or three capitals."""
    rows = {tuple(row) for row in (letters, [letters[0], letters[-1]]) if len(letters) > 1 and len(row) <= 3}
    if not rows:
        return None
    written = [form for row in sorted(rows) for form in ("".join(row), r"\.\s?".join(row) + r"\.", "-".join(row))]
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(written)})(?![^\W_])")
