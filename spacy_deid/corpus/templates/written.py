"""Written notes: whole notes that people wrote as training data, with their identifiers marked.

A file ``lang/<code>/notes/<name>.txt`` has the header of a template and notes of one kind, in inline markup::

    # kind: telephone call
    # speciality: primary care
    Mamman <NAME>Anna Ek</NAME> ringer, CRP <5 i <DATE>måndags</DATE>.
    ---
    Ringer igen.

Templates repeat a few hundred sentences; people do not write like templates. In the corpus a written note keeps its
text, and `spacy_deid.surrogates.other_values` replaces its values.
"""

import re
from dataclasses import replace
from pathlib import Path
from random import Random

from spacy_deid import markup
from spacy_deid.corpus.templates.fill import Piece, join
from spacy_deid.corpus.templates.template import Marked, Parts, Template, error_at, read_template
from spacy_deid.labels import categories
from spacy_deid.lang.pack import pack_of
from spacy_deid.surrogates.other_values import other_values

FOLDER = "notes"
# people write "CRP <5" and "D&C": only what looks like a tag or an entity is markup
_LITERAL = re.compile(r"<(?!/?[A-Za-z_]+>)|&(?!(?:lt|amp);)")
_ESCAPED = {"<": "&lt;", "&": "&amp;"}


def written_notes_of(lang: str) -> tuple[Template, ...]:
    """Return the written notes of a language pack, a template for each file; none if the pack has no such notes.

    Raises DeidError for the errors of `parse_written`.
    """
    return tuple(map(parse_written, sorted(pack_of(lang).path(FOLDER).glob("*.txt"))))


def parse_written(path: Path) -> Template:
    """Return the notes in a file as the variants of a template.

    Raises DeidError, with file and line, for a bad header, a note without text, and a tag that is unknown, nested,
    empty or without its other half.
    """
    template = read_template(path, lambda first, text: _parts(path, first, text))
    return replace(template, name=f"{FOLDER}/{path.stem}", is_written=True)


def with_other_values(parts: Parts, lang: str, rng: Random) -> list[Piece]:
    """Return the pieces of a note with other values in place of its own, by `other_values`."""
    pieces = [(part.text, part.label) if isinstance(part, Marked) else (str(part), "") for part in parts]
    text, spans = join(pieces)
    others = iter(other_values(text, spans, lang, rng))
    return [(next(others), label) if label else (text, "") for text, label in pieces]


def _parts(path: Path, first: int, note: str) -> Parts:
    """Return the text and the values of a note, which begins at line ``first`` of the file."""
    try:
        text, spans = markup.parse(_LITERAL.sub(lambda mark: _ESCAPED[mark[0]], note), categories())
    except markup.MarkupError as error:
        raise error_at(path, first + error.line - 1, error.what, error.remedy) from None
    parts: list[str | Marked] = []
    read = 0
    for start, end, label in spans:
        parts += [text[read:start], Marked(text[start:end], label)]
        read = end
    return tuple(part for part in (*parts, text[read:]) if part)
