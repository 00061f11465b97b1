"""CoNLL: a token and its tag on each line, an empty line after each sentence.

The token is the first column and the tag the last, separated by tabs or spaces. Five columns separated by tabs, the
first of which counts 1, 2, 3, are the layout of Universal NER: number, token, tag and two more. Tags are those of IOB1,
IOB2, BILUO, BIOES (IOBES) or another scheme in `_SCHEMES` or, in some corpora, a label without a prefix; ``O`` and
``0`` are outside. If there are ``-DOCSTART-`` lines, each document is a note with a line break after each sentence;
otherwise each sentence is a note. The text consists of the tokens with single spaces between them: the format has
neither the white space of the original nor ids nor overlapping spans.
"""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import accumulate, groupby
from pathlib import Path
from typing import NamedTuple

from spacy.tokens import Doc

from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.note import Note
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.files import read_lines, write_text
from spacy_deid.labels import known_labels, looks_like_label

_OUTSIDE = ("O", "0")
_PREFIXED = re.compile(r"([BIESLUMW])[-_](.+)")
# schemes with fewer letters come first; "IOB" is both IOB1 and IOB2
_SCHEMES = {"IOB": "BI", "IOE": "IE", "BILUO": "BILU", "BIOES": "BIES", "BMEWO": "BMEW", "BMES": "BMES"}
_WITHOUT_ENDS = ("", "IOB", "IOE")  # schemes in which any tag may follow any other
_FIRST = ("B", "U", "S", "W")
_LAST = ("L", "E", "U", "S", "W")
_DOCUMENT = "-DOCSTART-"
_COMMENT = re.compile(r"#\s.*=.*")  # "# sent_id = 1"; a line "# O" is a token


class Tag(NamedTuple):
    """A parsed tag. prefix: "" for a label without one and outside of entities. label: "" outside of entities."""

    line: int
    prefix: str
    label: str


def is_tag(tag: str) -> bool:
    """Whether a word may be a tag; any other word may be note text."""
    return tag in _OUTSIDE or bool(_PREFIXED.fullmatch(tag)) or looks_like_label(tag)


def scheme_of(tags: Sequence[tuple[int, str]], where: str) -> str:
    """Return the scheme of a file's tags, each with its line; "" if they are labels without prefixes.

    Raises DeidError with ``where`` and the line for prefixes of several schemes, or tags with and without prefix.
    """
    found = [(line, tag, _PREFIXED.fullmatch(tag)) for line, tag in tags if tag not in _OUTSIDE]
    letters = {prefixed[1] for _, tag, prefixed in found if prefixed and tag not in known_labels()}
    bare = [line for line, _, prefixed in found if prefixed is None]
    if not letters or (bare and not letters & {"B", "I"}):  # E-MAIL is a label
        return ""
    if bare:
        raise DeidError(f"{where}, line {bare[0]}: a tag without a prefix among others with one. Remedy: B-NAME.")
    before: set[str] = set()
    for line, _, prefixed in found:
        before.add(prefixed[1] if prefixed else "")
        if not _schemes(before):
            raise DeidError(
                f"{where}, line {line}: the tag's prefix is of another scheme than those before it. "
                f"Remedy: use one of {', '.join(_SCHEMES)} in the whole file."
            )
    return _schemes(before)[0]


def _schemes(letters: Set[str]) -> list[str]:
    return [name for name, known in _SCHEMES.items() if letters <= set(known)]


def read_tag(line: int, tag: str, scheme: str) -> Tag:
    """Return the parts of a tag that `is_tag`."""
    prefixed = _PREFIXED.fullmatch(tag) if scheme else None
    return Tag(line, prefixed[1], prefixed[2]) if prefixed else Tag(line, "", "" if tag in _OUTSIDE else tag)


def entities(tags: Sequence[Tag], scheme: str, where: str) -> Iterator[tuple[int, int]]:
    """Yield the first and the last index (inclusive) of each entity of a sentence.

    Args:
        tags: The tags of a sentence.
        scheme: See `scheme_of`.
        where: File, for messages.

    Raises:
        DeidError: With file and line: a tag may not follow the one before it in the scheme.
    """
    marks_ends = scheme not in _WITHOUT_ENDS
    first: int | None = None
    for number, tag in enumerate(tags):
        is_open = first is not None
        goes_on = is_open and _goes_on(tags[first or 0], tag)
        # in a scheme that marks last tokens, an open entity continues and nothing else does
        if marks_ends and goes_on != (is_open or _says_it_goes_on(tag)):
            raise DeidError(
                f"{where}, line {tag.line}: the tag does not follow from the one before in {scheme}. Remedy: fix it."
            )
        if first is not None and not goes_on:
            yield first, number - 1
        if not goes_on:
            first = number if tag.label else None
        if first is not None and tag.prefix in _LAST:
            yield first, number
            first = None
    if first is not None and marks_ends:
        raise DeidError(f"{where}, line {tags[-1].line}: an entity has no end in {scheme}. Remedy: correct it.")
    if first is not None:
        yield first, len(tags) - 1


def _goes_on(first: Tag, tag: Tag) -> bool:
    return tag.label == first.label and tag.prefix not in _FIRST


def _says_it_goes_on(tag: Tag) -> bool:
    return bool(tag.prefix) and tag.prefix not in _FIRST


class _Row(NamedTuple):
    line: int
    token: str
    tag: str


_Sentence = list[_Row]


def read(path: Path, intake: Intake) -> Iterator[Note]:
    """Yield the notes of a file in their order, numbered after its name; a DeidError has file and line."""
    documents = list(_documents(path))  # every tag is checked before an error may show a label
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
    """Yield each entity with its first line."""
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
