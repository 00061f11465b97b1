"""Brat standoff: a folder with a .txt and an .ann for each note (https://brat.nlplab.org/standoff.html).

An optional ``groups.tsv`` (note id, tab, group) beside them gives the patient or source of each note.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from spacy.tokens import Doc

from spacy_deid.corpus.formats.folder import new_folder, read_groups
from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.note import Note, to_note
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.files import BOM, read_lines, read_utf8

_TEXT_BOUND = re.compile(r"T\S*\t(?P<label>\S+) (?P<offsets>\d+ \d+(?:;\d+ \d+)*)\t(?P<text>.*)")
_OTHER_ANNOTATION = re.compile(r"[REAMN#*]\S*\t.*")  # relations, events, attributes, norms, notes, equivalences
_BEGINS_ANNOTATION = re.compile(r"[TREAMN#*]\S*\t")


class _TextBound(NamedTuple):
    line: int
    label: str
    fragments: list[tuple[int, int]]
    text: str


def read(folder: Path, intake: Intake, texts: Path | None = None) -> Iterator[Note]:
    """Yield the notes of a folder in the order of their names; only text-bound annotations are read.

    A discontinuous annotation becomes the span that covers it.

    Args:
        folder: Folder of the .ann files.
        intake: Checks and counts the notes.
        texts: Folder of the .txt files, if they are not beside the .ann files.

    Raises:
        DeidError: With file and line: a .txt or .ann without the other, a malformed line, offsets outside the text, or
            a mention that differs from the text at its offsets.
    """
    groups = read_groups(folder)
    texts = texts or folder
    for name in _names(folder, texts):
        ann = folder / f"{name}.ann"
        text = read_utf8(texts / f"{name}.txt")
        mentions = _read_mentions(ann)
        # brat counts a byte order mark as a character; tools that strip it when they read do not
        if text.startswith(BOM) and not all(_is_in(text, mention) for mention in mentions):
            text = text.removeprefix(BOM)
        spans = _checked_spans(ann, text, mentions, intake)
        note = intake.note(name, text, spans, where=str(ann), group=groups.get(name, ""))
        if note:
            yield note


def _names(folder: Path, texts: Path) -> list[str]:
    for path in (folder, texts):
        if not path.is_dir():
            raise DeidError(f"{path} is not a folder. Remedy: give the folder that holds the .txt and .ann files.")
    with_ann = {path.stem for path in folder.glob("*.ann")}
    with_text = {path.stem for path in texts.glob("*.txt")}
    for name in sorted(with_ann - with_text):
        raise DeidError(
            f"{folder / name}.ann has no {name}.txt in {texts}. "
            "Remedy: add the text, remove the .ann, or name the folder of the texts by --texts."
        )
    for name in sorted(with_text - with_ann):
        raise DeidError(
            f"{texts / name}.txt has no {name}.ann in {folder}. Remedy: add it, empty where nothing is marked."
        )
    return sorted(with_ann)


def _read_annotations(ann: Path) -> list[tuple[int, str]]:
    """Return each annotation with its line number, including the lines on which its mention continues.

    brat writes the line breaks of a mention as spaces, other systems as line breaks.
    """
    annotations: list[tuple[int, str]] = []
    for number, line in enumerate(read_lines(ann), start=1):
        if not line.strip():
            continue
        if annotations and annotations[-1][1].startswith("T") and not _BEGINS_ANNOTATION.match(line):
            first, begun = annotations.pop()
            annotations.append((first, f"{begun} {line}"))
        else:
            annotations.append((number, line))
    return annotations


def _read_mentions(ann: Path) -> list[_TextBound]:
    mentions = []
    for number, line in _read_annotations(ann):
        if _OTHER_ANNOTATION.fullmatch(line):
            continue
        match = _TEXT_BOUND.fullmatch(line)
        if match is None:
            raise DeidError(f"{ann}, line {number}: not a brat annotation. Remedy: T1<tab>LABEL start end<tab>mention.")
        pairs = [pair.split() for pair in match["offsets"].split(";")]
        fragments = [(int(start), int(end)) for start, end in pairs]
        mentions.append(_TextBound(number, match["label"], fragments, match["text"]))
    return mentions


def _is_in(text: str, mention: _TextBound) -> bool:
    # brat writes a line break within a mention, and a gap between fragments, as a space
    found = " ".join(text[start:end] for start, end in mention.fragments)
    return found.split() == mention.text.split()


def _checked_spans(ann: Path, text: str, mentions: list[_TextBound], intake: Intake) -> Iterator[CharSpan]:
    for mention in mentions:
        where = f"{ann}, line {mention.line}"
        start = min(start for start, _ in mention.fragments)
        end = max(end for _, end in mention.fragments)
        span = intake.span(start, end, mention.label, length=len(text), where=where)
        if not _is_in(text, mention):
            raise DeidError(
                f"{where}: the mention differs from the text at {start}-{end}. "
                "Remedy: export both files again; line ends or encoding may have changed since."
            )
        intake.report.discontinuous += len(mention.fragments) > 1
        yield span


def write(docs: Iterable[Doc], folder: Path) -> None:
    """Write Docs into the new or empty ``folder``, all of them or none; readable by the owner only."""
    with new_folder(folder) as notes:
        for note in map(to_note, docs):
            notes.add(note.id, note.group, txt=note.text, ann=_annotations(note))


def _annotations(note: Note) -> str:
    lines = []
    for number, (start, end, label) in enumerate(note.spans, start=1):
        mention = re.sub(r"[\r\n]", " ", note.text[start:end])
        lines.append(f"T{number}\t{label} {start} {end}\t{mention}\n")
    return "".join(lines)
