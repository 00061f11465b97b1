"""Label Studio's JSON: a list of tasks with a text and labelled regions (https://labelstud.io/guide/export.html).

Notes are written as tasks with a prediction, for a project whose labelling config has a ``Labels`` tag named "label"
on a ``Text`` tag named "text" with the value ``$text``.
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
from spacy_deid.files import BOM, read_utf8, write_text

_FORM = '[{"data": {"text": "..."}, "annotations": [{"result": [...]}]}], the format "JSON" of its export'


def read(path: Path, intake: Intake) -> Iterator[Note]:
    """Yield the notes of an exported file: the regions of each task's last annotation that was not cancelled.

    A task without annotations keeps its last prediction. A note's id is ``data.id``, else the task's own. Regions count
    code points; older versions counted UTF-16 units, which is detected by the text that each region repeats. Raises
    DeidError with file and task for a malformed task, and for a region whose text differs from the note.
    """
    try:
        tasks = json.loads(read_utf8(path).removeprefix(BOM))
        if not isinstance(tasks, list):
            raise TypeError
    except (ValueError, TypeError):
        raise DeidError(f"{path}: not a list of Label Studio's tasks. Remedy: {_FORM}.") from None
    for number, task in enumerate(tasks, start=1):
        where = f"{path}, task {number}"
        try:
            text, note_id, group, regions = _fields(task)
            found = [_offsets(text, value) for value in regions]
            labels = [_strings(value["labels"]) for value in regions]
        except (KeyError, TypeError, AttributeError):
            raise DeidError(f"{where}: not a task with a text. Remedy: {_FORM}.") from None
        if None in found:
            raise DeidError(f"{where}: a region differs from the text. Remedy: export the project again.")
        spans = [
            intake.span(*place, label, length=len(text), where=where)
            for place, names in zip(found, labels, strict=True)
            for label in names
            if place
        ]
        note = intake.note(note_id, text, spans, where=where, group=group)
        if note:
            yield note


def _fields(task: dict[str, Any]) -> tuple[str, str, str, list[dict[str, Any]]]:
    data = task["data"]
    annotations = [each for each in task.get("annotations") or [] if not each.get("was_cancelled")]
    chosen = (annotations or task.get("predictions") or [{"result": []}])[-1]
    regions = [region["value"] for region in chosen["result"] if region["type"] == "labels"]
    note_id = data.get("id", task.get("id", ""))
    text, group = _strings([data["text"], data.get("group", "")])
    return text, str(note_id), group, regions


def _strings(values: list[Any]) -> list[str]:
    if not all(isinstance(value, str) for value in values):
        raise TypeError
    return values


def _offsets(text: str, region: dict[str, Any]) -> tuple[int, int] | None:
    """Return a region's offsets in code points; None if the text there differs from the one that it repeats."""
    start, end = region["start"], region["end"]
    if type(start) is not int or type(end) is not int:
        raise TypeError
    repeated = region.get("text")
    if repeated is None or _same_text(text[start:end], repeated):
        return start, end
    units = text.encode("utf-16-le")
    before, within = (units[2 * a : 2 * b].decode("utf-16-le", "replace") for a, b in ((0, start), (start, end)))
    return (len(before), len(before) + len(within)) if _same_text(within, repeated) else None


def _same_text(found: str, repeated: str) -> bool:
    # some versions write a region's line break as a backslash and an n
    return bool(found) and found.split() == repeated.replace("\\n", "\n").split()


def write(docs: Iterable[Doc], path: Path) -> None:
    """Write Docs as tasks to import, whole or not at all; readable by the owner only."""
    tasks = [_task(to_note(doc)) for doc in docs]
    write_text(path, json.dumps(tasks, ensure_ascii=False, indent=1) + "\n")


def _task(note: Note) -> dict[str, Any]:
    regions = [_region(f"r{number}", note.text, span) for number, span in enumerate(note.spans, start=1)]
    data = {"id": note.id, "group": note.group, "text": note.text}
    return {"data": data, "predictions": [{"model_version": "spacy-deid", "result": regions}]}


def _region(id: str, text: str, span: CharSpan) -> dict[str, Any]:
    value = {"start": span.start, "end": span.end, "text": text[span.start : span.end], "labels": [span.label]}
    return {"id": id, "from_name": "label", "to_name": "text", "type": "labels", "value": value}
