"""Note templates: data files, one kind of note each, that a clinician can edit.

A file ``lang/<code>/templates/<name>.txt`` consists of a header and variants of the note::

    # kind: nursing note
    # speciality: surgery
    # weight: 2
    {patient.full}, {patient.age}, inkom {date.numeric} till {care_unit.ward}. [[Mår bra.|Illamående.]]
    ---
    {patient~Hon|Han} sov [[gott|{#2-6} timmar]] och fick {word.drug}.

``{stem}`` or ``{stem.form}`` is a value with its label in the language's slots.toml. ``[[a|b|]]`` is one of its
options, which may be nested. ``{person~her|his}`` depends on the gender of the person. ``{#36.1-39.8}`` is a random
number with as many decimals. ``{word.list}`` is a word from a list in the language's words.toml.
"""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from spacy_deid.corpus.templates.template import (
    Choice,
    Gendered,
    Number,
    Part,
    Parts,
    Slot,
    Template,
    Word,
    error_at,
    read_template,
)
from spacy_deid.errors import DeidError
from spacy_deid.labels import category_of
from spacy_deid.lang.pack import pack_of
from spacy_deid.lang.tables import slots_of, words_of

_MARK = re.compile(r"\[\[|\]\]|\||\{[^{}\n]*\}|[{}]")
_NUMBER = re.compile(r"#(\d+(?:\.(\d+))?)-(\d+(?:\.(\d+))?)")
_GENDERED = re.compile(r"(\w+)~([^|]*)\|([^|]*)")
_NAMED = re.compile(r"(\w+)(?:\.(\w+))?")
# a letter after a value of these categories would belong to its last word, and to its span
_ENDING_IN_LETTERS = ("NAME", "LOCATION", "CARE_UNIT", "ORGANIZATION", "PROFESSION")


def templates_of(lang: str, folder: Path | None = None) -> tuple[Template, ...]:
    """Return the templates in ``folder``, by default those of the language pack, sorted by name.

    Raises DeidError for a folder without templates, and for the errors of `parse`.
    """
    return read_templates(folder or pack_of(lang).path("templates"), slots_of(lang), words_of(lang))


def read_templates(folder: Path, slots: Mapping[str, str], words: Collection[str]) -> tuple[Template, ...]:
    """Return the templates in the .txt files of ``folder``; for ``slots`` and ``words`` see `parse`."""
    paths = sorted(folder.glob("*.txt"))
    if not paths:
        raise DeidError(f"{folder} holds no template. Remedy: name a folder with .txt files in it.")
    return tuple(parse(path, slots, words) for path in paths)


def parse(path: Path, slots: Mapping[str, str], words: Collection[str]) -> Template:
    """Return the template in a file.

    Args:
        path: The file, in UTF-8.
        slots: Every permitted ``stem`` and ``stem.form`` -> label, or "".
        words: Names of the word lists.

    Raises:
        DeidError: With file and line: a bad header, an unknown slot or list, unbalanced brackets, a range whose start
            is above its end, or a variant without text.
    """
    return read_template(path, lambda first, text: _TemplateParser(path, first, text, slots, words).parts())


class _TemplateParser:
    """Parses the text of one variant, whose first line is line ``first`` of the file."""

    def __init__(self, path: Path, first: int, text: str, slots: Mapping[str, str], words: Collection[str]) -> None:
        self.path, self.first, self.text = path, first, text
        self.slots, self.words = slots, words

    def parts(self) -> Parts:
        """Return the parts of the whole text."""
        current: list[Part] = []
        # for each open choice: its position, its options so far, and the parts before it
        opened: list[tuple[int, list[Parts], list[Part]]] = []
        read = 0
        for match in _MARK.finditer(self.text):
            at, mark = match.start(), match[0]
            self.add_text(current, read, at)
            read = match.end()
            if mark == "[[":
                opened.append((at, [], current))
                current = []
            elif mark == "|" and opened:
                opened[-1][1].append(tuple(current))
                current = []
            elif mark == "]]":
                if not opened:
                    raise self.error(at, "]] without its [[", "balance the brackets")
                began, options, outer = opened.pop()
                choice = Choice((*options, tuple(current)))
                self.check_seam(outer, choice, began)
                current = [*outer, choice]
            elif mark == "|":
                _add_text(current, mark)
            elif len(mark) == 1:
                raise self.error(at, "an unbalanced { or }", "write {stem.form} on one line")
            else:
                current.append(self.slot(mark[1:-1], at))
        if opened:
            raise self.error(opened[-1][0], "[[ without its ]]", "balance the brackets")
        self.add_text(current, read, len(self.text))
        return tuple(current)

    def add_text(self, parts: list[Part], start: int, end: int) -> None:
        """Append the plain text from ``start`` to ``end``."""
        self.check_seam(parts, self.text[start:end], start)
        _add_text(parts, self.text[start:end])

    def check_seam(self, parts: list[Part], following: Part, at: int) -> None:
        """Raise an error if ``following``, which begins at ``at``, continues a labelled word before it."""
        if parts and _ends_in_labelled_word(parts[-1]) and _begins_with_letter(following):
            raise self.error(at, "letters right after a labelled value", "use a form with the ending, or put a space")

    def slot(self, content: str, at: int) -> Part:
        """Return the part for ``{content}``, which begins at the character ``at``."""
        if number := _NUMBER.fullmatch(content):
            decimals = max(len(number[2] or ""), len(number[4] or ""))
            low, high = (round(float(bound) * 10**decimals) for bound in (number[1], number[3]))
            if low > high:
                raise self.error(at, f"the range {content} runs backwards", "write the smaller number first")
            return Number(low, high, decimals)
        if gendered := _GENDERED.fullmatch(content):
            if f"{gendered[1]}.first" not in self.slots:
                raise self.error(at, f"{gendered[1]!r} is not a person", "write {patient~word|word}")
            return Gendered(gendered[1], gendered[2], gendered[3])
        named = _NAMED.fullmatch(content)
        if named and named[1] == "word":
            if named[2] not in self.words:
                raise self.error(at, f"unknown word list {content!r}", f"use one of {', '.join(sorted(self.words))}")
            return Word(named[2])
        if named is None or content not in self.slots:
            raise self.error(at, f"unknown slot {content!r}", self.remedy(content))
        return Slot(named[1], named[2], self.slots[content])

    def remedy(self, content: str) -> str:
        """Return the remedy for an unknown slot: the forms of its stem if that is known, else the stems."""
        stem = content.partition(".")[0]
        forms = sorted(key for key in self.slots if key.partition(".")[0] == stem)
        return "use one of " + ", ".join(forms or sorted({key.partition(".")[0] for key in self.slots}))

    def error(self, at: int, what: str, remedy: str) -> DeidError:
        """Return the error that names the line of the character ``at``."""
        return error_at(self.path, self.first + self.text.count("\n", 0, at), what, remedy)


def _ends_in_labelled_word(part: Part) -> bool:
    if isinstance(part, Choice):
        return any(option and _ends_in_labelled_word(option[-1]) for option in part.options)
    return isinstance(part, Slot) and category_of(part.label) in _ENDING_IN_LETTERS


def _begins_with_letter(part: Part) -> bool:
    if isinstance(part, Choice):
        return any(option and _begins_with_letter(option[0]) for option in part.options)
    return isinstance(part, str) and part[:1].isalpha()


def _add_text(parts: list[Part], text: str) -> None:
    """Append plain text to the text that ``parts`` may end with."""
    if text and parts and isinstance(parts[-1], str):
        parts[-1] += text
    elif text:
        parts.append(text)
