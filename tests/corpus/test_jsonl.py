import json

import pytest

from spacy_deid.corpus.formats import jsonl
from spacy_deid.corpus.intake import Intake
from spacy_deid.errors import DeidError

GOOD = {"id": "a", "group": "p", "text": "Ana Ek", "spans": [{"start": 0, "end": 6, "label": "NAME"}]}


def read(path):
    return list(jsonl.read(path, Intake()))


def test_what_is_written_reads_the_same(as_doc, note, tmp_path):
    jsonl.write([as_doc(note.text, *note.spans, id="n1")], tmp_path / "notes.jsonl")
    [read_note] = read(tmp_path / "notes.jsonl")
    assert (read_note.id, read_note.group) == ("n1", "group of n1")
    assert (read_note.text, read_note.spans) == (note.text, note.spans)
    assert (tmp_path / "notes.jsonl").stat().st_mode & 0o777 == 0o600


def test_line_ends_a_byte_order_mark_and_a_missing_group(tmp_path):
    record = {key: value for key, value in GOOD.items() if key != "group"} | {"text": "Ana Ek\u2028\r\n"}
    path = tmp_path / "notes.jsonl"
    path.write_bytes(("\ufeff" + json.dumps(record, ensure_ascii=False) + "\r\n\r\n").encode())
    [note] = read(path)
    assert (note.group, note.text) == ("a", "Ana Ek\u2028\r\n")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{Ana", "not a note"),
        ("[]", "not a note"),
        (json.dumps({**GOOD, "spans": None}), "not a note"),
        (json.dumps({"id": "a", "spans": []}), "not a note"),
        (json.dumps({**GOOD, "text": 7}), "wrong type"),
        (json.dumps({**GOOD, "spans": [{"start": 0.0, "end": 3, "label": "NAME"}]}), "wrong type"),
        (json.dumps({**GOOD, "spans": [{"start": 0, "end": 7, "label": "NAME"}]}), "0-7.*outside"),
        (json.dumps({**GOOD, "spans": [{"start": -1, "end": 3, "label": "NAME"}]}), "outside"),
        (json.dumps({**GOOD, "spans": [{"start": 0, "end": 3, "label": "FIRST NAME"}]}), "white space"),
        (json.dumps({**GOOD, "id": ""}), "id '' .*empty"),
        (json.dumps({**GOOD, "id": "first"}), "occurs twice"),
        (json.dumps({**GOOD, "text": "Ana Ek \ud83d"}), "surrogate"),
    ],
)
def test_a_bad_line_is_an_error_with_file_and_line_and_no_note_text(tmp_path, line, problem):
    path = tmp_path / "notes.jsonl"
    path.write_text(json.dumps({**GOOD, "id": "first"}) + "\n" + line + "\n")
    with pytest.raises(DeidError, match=rf"notes\.jsonl, line 2: .*{problem}") as error:
        read(path)
    assert "Ana" not in str(error.value)
