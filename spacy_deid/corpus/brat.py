"""Brat standoff: a folder with a .txt and an .ann for each note (https://brat.nlplab.org/standoff.html).

An optional ``groups.tsv`` (note id, tab, group) beside them says which notes belong to one patient or source.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from spacy.tokens import Doc

from spacy_deid.corpus.align import to_note
from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.note import Note
from spacy_deid.corpus.utf8 import BOM, read_lines, read_utf8
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.files import PRIVATE

_GROUPS = "groups.tsv"
_TEXT_BOUND = re.compile(r"T\S*\t(?P<label>\S+) (?P<offsets>\d+ \d+(?:;\d+ \d+)*)\t(?P<text>.*)")
_OTHER_ANNOTATIONS = tuple("REAMN#*")  # relations, events, attributes, norms, notes, equivalences


class _Mention(NamedTuple):
    line: int
    label: str
    fragments: list[tuple[int, int]]
    text: str


def read(folder: Path, intake: Intake) -> Iterator[Note]:
    """Yield the notes of ``folder`` in the order of their names; text-bound annotations only.

    A discontinuous annotation becomes the span that covers it. Raises DeidError with file and line for a .txt
    or .ann without the other, a malformed line, offsets outside the text, and a mention that is not what
    stands at its offsets.
    """
    groups = _read_groups(folder / _GROUPS)
    for stem in _stems(folder):
        ann = Path(f"{stem}.ann")
        text = read_utf8(Path(f"{stem}.txt"))
        mentions = _read_mentions(ann)
        # brat counts a byte order mark as a character; tools that strip it when they read do not
        if text.startswith(BOM) and not all(_stands_in(text, mention) for mention in mentions):
            text = text.removeprefix(BOM)
        spans = _checked_spans(ann, text, mentions, intake)
        note = intake.note(stem.name, text, spans, where=str(ann), group=groups.get(stem.name, ""))
        if note:
            yield note


def _stems(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DeidError(f"{folder} is not a folder. Remedy: give the folder that holds the .txt and .ann files.")
    texts, anns = ({path.with_name(path.stem) for path in folder.glob(f"*.{kind}")} for kind in ("txt", "ann"))
    for alone in sorted(anns - texts):
        raise DeidError(f"{alone}.ann has no {alone.name}.txt beside it. Remedy: add the text or remove the .ann.")
    for alone in sorted(texts - anns):
        raise DeidError(
            f"{alone}.txt has no {alone.name}.ann beside it. Remedy: add it, empty where nothing is marked."
        )
    return sorted(anns)


def _read_mentions(ann: Path) -> list[_Mention]:
    mentions = []
    for number, line in enumerate(read_lines(ann), start=1):
        if not line.strip() or line.startswith(_OTHER_ANNOTATIONS):
            continue
        match = _TEXT_BOUND.fullmatch(line)
        if match is None:
            raise DeidError(f"{ann}, line {number}: not a brat annotation. Remedy: T1<tab>LABEL start end<tab>mention.")
        pairs = [pair.split() for pair in match["offsets"].split(";")]
        fragments = [(int(start), int(end)) for start, end in pairs]
        mentions.append(_Mention(number, match["label"], fragments, match["text"]))
    return mentions


def _stands_in(text: str, mention: _Mention) -> bool:
    # brat writes a line break within a mention, and a gap between fragments, as a space
    found = " ".join(text[start:end] for start, end in mention.fragments)
    return found.split() == mention.text.split()


def _checked_spans(ann: Path, text: str, mentions: list[_Mention], intake: Intake) -> Iterator[CharSpan]:
    for mention in mentions:
        where = f"{ann}, line {mention.line}"
        start = min(start for start, _ in mention.fragments)
        end = max(end for _, end in mention.fragments)
        span = intake.span(start, end, mention.label, length=len(text), where=where)
        if not _stands_in(text, mention):
            raise DeidError(
                f"{where}: the mention is not what stands at {start}-{end} of the text. "
                "Remedy: export both files again; line ends or encoding may have been changed since."
            )
        intake.report.discontinuous += len(mention.fragments) > 1
        yield span


def _read_groups(path: Path) -> dict[str, str]:
    groups = {}
    for number, line in enumerate(read_lines(path) if path.exists() else [], start=1):
        if line:
            note_id, tab, group = line.partition("\t")
            if not (note_id and tab and group):
                raise DeidError(f"{path}, line {number}: expected a note id, a tab and a group.")
            groups[note_id] = group
    return groups


def write(docs: Iterable[Doc], folder: Path) -> None:
    """Write Docs into the new or empty ``folder``, all of them or none; readable by the owner only."""
    if folder.exists() and any(folder.iterdir()):
        raise DeidError(f"{folder} is not empty. Remedy: name a new folder, so that no other notes end up among these.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as name:
        temporary = Path(name, "brat")
        temporary.mkdir(mode=0o700)
        groups = []
        for note in map(to_note, docs):
            if Path(note.id).name != note.id:
                raise DeidError(f"The note id {note.id!r} cannot name a file. Remedy: write JSONL instead.")
            _write_private(temporary / f"{note.id}.txt", note.text)
            _write_private(temporary / f"{note.id}.ann", _annotations(note))
            groups.append(f"{note.id}\t{note.group}\n")
        _write_private(temporary / _GROUPS, "".join(groups))
        temporary.replace(folder)


def _annotations(note: Note) -> str:
    lines = []
    for number, (start, end, label) in enumerate(note.spans, start=1):
        mention = re.sub(r"[\r\n]", " ", note.text[start:end])
        lines.append(f"T{number}\t{label} {start} {end}\t{mention}\n")
    return "".join(lines)


def _write_private(path: Path, text: str) -> None:
    path.write_text(text, "utf8", newline="")
    path.chmod(PRIVATE)
