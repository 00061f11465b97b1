"""JSONL, one note on each line: ``{"id", "group", "text", "spans": [{"start", "end", "label"}]}``; group optional."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.note import Note, to_note
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.files import atomic, read_lines

_FORM = '{"id": "...", "text": "...", "spans": [{"start": 0, "end": 1, "label": "NAME"}]}'


def read(path: Path, intake: Intake) -> Iterator[Note]:
    """Yield the notes of a file in their order; raises DeidError with file and line for a malformed one."""
    return (note for note, _ in read_with_records(path, intake))


def read_with_records(path: Path, intake: Intake) -> Iterator[tuple[Note, dict[str, Any]]]:
    """Yield the notes of `read`, each with its whole record."""
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        record, note_id, group, text, entries = _fields(line, where)
        spans = [intake.span(*entry, length=len(text), where=where) for entry in entries]
        note = intake.note(note_id, text, spans, where=where, group=group)
        if note:
            yield note, record


def _fields(line: str, where: str) -> tuple[dict[str, Any], str, str, str, list[CharSpan]]:
    # JSON errors and the values themselves hold note text: neither is shown
    try:
        record = json.loads(line)
        fields = record["id"], record.get("group") or "", record["text"]
        spans = [CharSpan(entry["start"], entry["end"], entry["label"]) for entry in record["spans"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DeidError(f"{where}: not a note. Remedy: one JSON object on each line, {_FORM}.") from None
    whole_numbers = all(type(offset) is int for span in spans for offset in span[:2])
    if not whole_numbers or not all(isinstance(value, str) for value in [*fields, *(span.label for span in spans)]):
        raise DeidError(f"{where}: a field has the wrong type. Remedy: {_FORM}, offsets as whole numbers.")
    return record, *fields, spans


def write(docs: Iterable[Doc], path: Path) -> None:
    """Write Docs as JSONL, whole or not at all; readable by the owner only."""
    with atomic(path) as temporary, temporary.open("w", encoding="utf8", newline="\n") as file:
        for doc in docs:
            file.write(json.dumps(_record(to_note(doc)), ensure_ascii=False) + "\n")


def _record(note: Note) -> dict[str, Any]:
    spans = [span._asdict() for span in note.spans]
    return {"id": note.id, "group": note.group, "text": note.text, "spans": spans}
