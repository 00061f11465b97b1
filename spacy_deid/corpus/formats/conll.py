"""CoNLL: a token and its tag a line, an empty line after each sentence.

The token is the first column and the tag the last, parted by tabs or spaces. Five columns parted by tabs
whose first one counts 1, 2, 3 are the layout of Universal NER: number, token, tag and two more. Tags are
those of IOB1, IOB2, BILUO, BIOES (IOBES) or another scheme that `spacy_deid.corpus.formats.tags` knows, or, as some
corpora have it, a bare upper-case ``X``; ``O`` and ``0`` are outside. Where ``-DOCSTART-`` lines occur
each document is a note, its sentences parted by line breaks; otherwise each sentence is one. The
text is made of the tokens parted by single spaces: the format does not hold the original's white space, nor
ids, nor overlapping spans.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from pathlib import Path
from typing import NamedTuple

from spacy.tokens import Doc

from spacy_deid.corpus.formats.tags import entities, is_tag, read_tag, scheme_of
from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.note import Note
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.files import read_lines, write_text

_DOCUMENT = "-DOCSTART-"
_COMMENT = re.compile(r"#\s.*=.*")  # "# sent_id = 1"; a line "# O" is a token


class _Row(NamedTuple):
    line: int
    token: str
    tag: str


_Sentence = list[_Row]


def read(path: Path, intake: Intake) -> Iterator[Note]:
    """Yield the notes of a file in their order, numbered after its name; a DeidError has file and line."""
    documents = list(_documents(path))  # every tag is checked before an error shows the first label
    rows = (row for sentences in documents for sentence in sentences for row in sentence)
    scheme = scheme_of([(row.line, row.tag) for row in rows], str(path))
    for number, sentences in enumerate(documents, start=1):
        note_id = f"{path.stem}-{number:05}"
        text = "\n".join(" ".join(row.token for row in sentence) for sentence in sentences)
        spans = [
            intake.span(start, end, label, length=len(text), where=f"{path}, line {line}")
            for line, (start, end, label) in _spans(sentences, scheme, str(path))
        ]
        note = intake.note(note_id, text, spans, where=f"{path}, line {sentences[0][0].line}")
        if note:
            yield note


def _documents(path: Path) -> Iterator[list[_Sentence]]:
    lines = [(n, line) for n, line in enumerate(read_lines(path), start=1) if not _COMMENT.fullmatch(line)]
    has_documents = any(line.startswith(_DOCUMENT) for _, line in lines)
    document: list[_Sentence] = []
    for is_sentence, block in groupby(lines, key=lambda item: _is_token(item[1])):
        rows = list(block)
        starts_document = any(line.startswith(_DOCUMENT) for _, line in rows)
        if document and (starts_document or (is_sentence and not has_documents)):
            yield document
            document = []
        if is_sentence:
            document.append(_rows(path, rows))
    if document:
        yield document


def _is_token(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(_DOCUMENT)


def _rows(path: Path, lines: list[tuple[int, str]]) -> _Sentence:
    columns = [(line.split("\t") if "\t" in line else line.split()) for _, line in lines]
    counted = all(len(row) == 5 and row[0] == str(n) for n, row in enumerate(columns, start=1))
    token_at, tag_at = (1, 2) if counted and "\t" in lines[0][1] else (0, -1)
    sentence = []
    for (number, _), row in zip(lines, columns, strict=True):
        if len(row) < 2 or not row[token_at].strip() or not row[tag_at].strip():
            raise DeidError(f"{path}, line {number}: a token or its tag is missing. Remedy: TOKEN<tab>TAG.")
        if not is_tag(row[tag_at].strip()):
            raise DeidError(
                f"{path}, line {number}: no tag in the last column. Remedy: TOKEN<tab>TAG, such as B-NAME, I-NAME or O."
            )
        sentence.append(_Row(number, row[token_at], row[tag_at].strip()))
    return sentence


def _spans(sentences: list[_Sentence], scheme: str, where: str) -> Iterator[tuple[int, CharSpan]]:
    """Yield each entity with the line that it begins at."""
    position = 0
    for sentence in sentences:
        ends = list(accumulate((len(row.token) + 1 for row in sentence), initial=position))
        tags = [read_tag(row.line, row.tag, scheme) for row in sentence]
        for first, last in entities(tags, scheme, where):
            yield tags[first].line, CharSpan(ends[first], ends[last + 1] - 1, tags[first].label)
        position = ends[-1]


def write(docs: Iterable[Doc], path: Path) -> None:
    """Write Docs as IOB2, a ``-DOCSTART-`` before each and an empty line at each line break; owner only."""
    write_text(path, "".join(_document(doc) for doc in docs))


def _document(doc: Doc) -> str:
    lines = [f"{_DOCUMENT}\tO", ""]
    for token in doc:
        if not token.is_space:
            lines.append(f"{token.text}\t{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else f"{token.text}\tO")
        elif "\n" in token.text and lines[-1]:
            lines.append("")
    return "\n".join([*lines, "", ""])
