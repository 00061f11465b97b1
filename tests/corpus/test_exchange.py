"""Files of Label Studio and doccano: written and read, and as these tools themselves write them."""

import json

import pytest

from spacy_deid.corpus.convert import convert
from spacy_deid.corpus.formats import doccano, label_studio
from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.note import to_note
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan

FORMATS = {"label-studio": (label_studio, "x.json"), "doccano": (doccano, "x.jsonl")}
SMILE = "🙂 Anna Ek\nkom."


def region(start, end, text=None, labels=("NAME",)):
    value = {"start": start, "end": end, "labels": list(labels)} | ({} if text is None else {"text": text})
    return {"id": "r", "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def task(*regions, text=SMILE, **more):
    return {"id": 7, "data": {"text": text}, "annotations": [{"result": list(regions)}], **more}


def read(format, content, tmp_path):
    module, name = FORMATS[format]
    (tmp_path / name).write_text(content, "utf8")
    return list(module.read(tmp_path / name, Intake()))


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_written_is_read_as_it_was(format, as_doc, note, tmp_path):
    module, name = FORMATS[format]
    docs = [as_doc(note.text, *note.spans, id="n1"), as_doc("Bo.", id="n2")]
    module.write(docs, tmp_path / name)
    assert list(module.read(tmp_path / name, Intake())) == [to_note(doc) for doc in docs]
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("format", FORMATS)
def test_convert_leads_there_and_back(format, tmp_path):
    record = {"id": "n1", "group": "p1", "text": SMILE, "spans": [{"start": 2, "end": 9, "label": "NAME"}]}
    (tmp_path / "a.jsonl").write_text(json.dumps(record, ensure_ascii=False) + "\n", "utf8")
    out = tmp_path / FORMATS[format][1]
    convert(tmp_path / "a.jsonl", out, to=format, quiet=True)
    convert(out, tmp_path / "b.jsonl", format=format, quiet=True)
    assert (tmp_path / "b.jsonl").read_text("utf8") == (tmp_path / "a.jsonl").read_text("utf8")


@pytest.mark.parametrize(
    "regions",
    [
        [region(2, 9, "Anna Ek")],
        [region(2, 9)],
        [region(3, 10, "Anna Ek")],  # UTF-16 units, as versions before 1.4 wrote them
        [{"id": "x", "type": "choices", "value": {"choices": ["done"]}}, region(2, 9, "Anna Ek")],
    ],
    ids=["code points", "without text", "UTF-16 units", "beside a choice"],
)
def test_regions_of_label_studio_are_found_by_the_text_they_repeat(regions, tmp_path):
    (note,) = read("label-studio", json.dumps([task(*regions)]), tmp_path)
    assert (note.id, note.spans) == ("7", (CharSpan(2, 9, "NAME"),))


def test_a_region_over_a_line_break_is_found_as_either_version_writes_it(tmp_path):
    for number, written in enumerate(("Ek\nkom", "Ek\\nkom")):
        (note,) = read("label-studio", json.dumps([task(region(7, 13, written), id=number)]), tmp_path)
        assert note.spans == (CharSpan(7, 13, "NAME"),)


def test_the_last_annotation_that_was_not_cancelled_counts_else_the_prediction(tmp_path):
    first, second, cancelled = ({"result": [region(2, end)]} for end in (6, 9, 13))
    predicted = [{"result": [region(2, 6, labels=["LOCATION"])]}]
    tasks = [
        task(annotations=[first, second, cancelled | {"was_cancelled": True}], predictions=predicted),
        task(annotations=[], predictions=predicted, id=8),
        task(annotations=[], id=9),
    ]
    spans = [note.spans for note in read("label-studio", json.dumps(tasks), tmp_path)]
    assert spans == [(CharSpan(2, 9, "NAME"),), (CharSpan(2, 6, "LOCATION"),), ()]


def test_doccano_is_read_with_and_without_relations(tmp_path):
    entities = [{"id": 1, "label": "NAME", "start_offset": 2, "end_offset": 9}]
    lines = [
        {"id": 1, "text": SMILE, "label": [[2, 9, "NAME"]], "Comments": []},
        {"id": 2, "text": SMILE, "entities": entities, "relations": []},
    ]
    notes = read("doccano", "\n".join(map(json.dumps, lines)), tmp_path)
    assert [(note.id, note.spans) for note in notes] == [(str(n), (CharSpan(2, 9, "NAME"),)) for n in (1, 2)]


@pytest.mark.parametrize(
    ("format", "content", "problem"),
    [
        ("label-studio", "Anna", "x.json: not a list"),
        ("label-studio", "{}", "x.json: not a list"),
        ("label-studio", '[{"data": {}}]', "task 1: not a task"),
        ("label-studio", json.dumps([task(), task(region(2, 9, "Bo Anna"))]), "x.json, task 2: a region"),
        ("label-studio", json.dumps([task(region(2, 99))]), "task 1: the span 2-99"),
        ("label-studio", json.dumps([task(region("2", 9))]), "task 1: not a task"),
        ("doccano", "Anna", "x.jsonl, line 1: not a document"),
        ("doccano", '\n{"id": 1, "text": "Anna"}', "line 2: not a document"),
        ("doccano", '{"id": 1, "text": "Anna", "label": [[0, 9, "NAME"]]}', "line 1: the span 0-9"),
        ("doccano", '{"id": 1, "text": "Anna", "label": ["NAME"]}', "line 1: not a document"),
    ],
)
def test_bad_input_is_named_by_its_place_and_shows_no_text(format, content, problem, tmp_path):
    with pytest.raises(DeidError, match="Remedy") as raised:
        read(format, content, tmp_path)
    assert problem in str(raised.value)
    assert "Anna" not in str(raised.value)
