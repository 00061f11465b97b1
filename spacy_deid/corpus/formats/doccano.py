"""doccano's JSONL for sequence labelling, ``{"id", "text", "label": [[0, 6, "NAME"]]}`` (https://doccano.github.io).

Leave "count grapheme clusters as one character" off in the project: offsets are code points here. doccano uses its own
numbers as ids; the note's id is written as ``note_id``, which doccano keeps in a document's metadata.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.note import Note, to_note
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.files import read_lines, write_text

_FORM = '{"id": 1, "text": "...", "label": [[0, 6, "NAME"]]}, or "entities" as doccano exports them with relations'


def read(path: Path, intake: Intake) -> Iterator[Note]:
    """Yield the notes of an exported file in their order; raises DeidError with file and line for a malformed one."""
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        # JSON errors and the values themselves hold note text: neither is shown
        try:
            text, note_id, group, entries = _fields(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DeidError(f"{where}: not a document of doccano. Remedy: one JSON object a line, {_FORM}.") from None
        spans = [intake.span(*entry, length=len(text), where=where) for entry in entries]
        note = intake.note(note_id, text, spans, where=where, group=group)
        if note:
            yield note


def _fields(record: dict[str, Any]) -> tuple[str, str, str, list[CharSpan]]:
    if "entities" in record:
        spans = [CharSpan(each["start_offset"], each["end_offset"], each["label"]) for each in record["entities"]]
    else:
        spans = [CharSpan(*each) for each in record["label"]]
    text, group = record["text"], record.get("group", "")
    whole = all(type(span.start) is int and type(span.end) is int and isinstance(span.label, str) for span in spans)
    if not (whole and isinstance(text, str) and isinstance(group, str)):
        raise TypeError
    return text, str(record.get("note_id", record["id"])), group, spans


def write(docs: Iterable[Doc], path: Path) -> None:
    """Write Docs as documents to import, whole or not at all; readable by the owner only."""
    lines = [json.dumps(_record(number, to_note(doc)), ensure_ascii=False) for number, doc in enumerate(docs, start=1)]
    write_text(path, "".join(f"{line}\n" for line in lines))


def _record(number: int, note: Note) -> dict[str, Any]:
    spans = [list(span) for span in note.spans]
    return {"id": number, "note_id": note.id, "group": note.group, "text": note.text, "label": spans}
