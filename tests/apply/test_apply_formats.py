"""Text and tables: identifiers are replaced, and everything else is what it was."""

import csv
import io
import json

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from spacy_deid.apply.formats.csv import Csv, records
from spacy_deid.apply.formats.json_strings import values
from spacy_deid.apply.formats.jsonl import JsonlFormat
from spacy_deid.apply.formats.rows import RowSettings
from spacy_deid.apply.formats.text import TextFormat

ROWS = RowSettings(("text",))


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_text_keeps_line_ends_and_byte_order_mark(applied, source, note, mark):
    (source / "a.txt").write_bytes((mark + note[0]).encode("utf8"))
    assert applied("a.txt").decode("utf8") == mark + note[1]


# --- csv

CSV = '\ufeffid;"text";x\r\n1;"Zutana\r\nsa ""hej"" till Bo";  1,50\r\n2;Bo;\n\r\n"3";"ingen";""\r\n4;;last'
CSV_MASKED = (
    '\ufeffid;"text";x\r\n1;"[NAME]\r\nsa ""hej"" till [NAME]";  1,50\r\n2;[NAME];\n\r\n"3";"ingen";""\r\n4;;last'
)


def test_csv_keeps_every_byte_outside_of_what_is_redacted(applied, source):
    (source / "a.csv").write_bytes(CSV.encode("utf8"))
    assert applied("a.csv").decode("utf8") == CSV_MASKED


FIELDS = st.text(st.sampled_from(['"', ",", "\n", "\r", "å", "a", " "]), max_size=6)


@given(rows=st.lists(st.lists(FIELDS, min_size=2, max_size=4), max_size=5), quoting=st.sampled_from([0, 1]))
def test_csv_records_are_those_of_the_standard_library(rows, quoting):
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=quoting).writerows(rows)
    written = stream.getvalue()
    found = list(records(io.StringIO(written, newline=""), ","))
    assert "".join(record.raw for record in found) == written
    assert [len(record.fields) for record in found] == [len(row) for row in rows]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(cells=st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=4), new=FIELDS)
def test_csv_cells_read_and_written_as_the_standard_library_does(cells, new):
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([("id", "text"), *cells])
    table = Csv(ROWS).open(io.BytesIO(stream.getvalue().encode("utf8")))
    opened = [table.format.open(data) for _, data in table.parts()]
    assert [document.leaves[0].text for each in opened for document in each.documents] == [text for _, text in cells]
    parts = (each.written([[new] for _ in each.documents]) for each in opened)
    target = io.BytesIO()
    table.join(parts, target)
    read = list(csv.reader(io.StringIO(target.getvalue().decode("utf8"), newline="")))
    assert read == [["id", "text"], *([id, new] for id, _ in cells)]


# --- jsonl


def test_jsonl_keeps_every_byte_outside_of_what_is_redacted(applied, source):
    line = '{ "id" : 1.50, "text":"Zutana \\u00e5t \\"ost\\"", "e":1e5, "n": {"text": "Hej"}, "text": null}\r\n\r\n'
    last = '{"text": "Bo mår bra", "id": 12345678901234567890}'
    (source / "a.jsonl").write_bytes((line.replace(', "text": null', "") + last).encode("utf8"))
    expected = line.replace(', "text": null', "").replace("Zutana", "[NAME]") + last.replace("Bo", "[NAME]")
    assert applied("a.jsonl").decode("utf8") == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=3), some, max_size=3),
    max_leaves=8,
)


@given(value=st.dictionaries(st.text(max_size=3), JSON, max_size=4), indent=st.sampled_from([None, 1]))
def test_json_strings_are_found_where_they_stand(value, indent):
    text = json.dumps(value, indent=indent)

    def strings(value, path):
        if isinstance(value, dict):
            return [each for key, entry in value.items() for each in strings(entry, (*path, key))]
        if isinstance(value, list):
            return [each for entry in value for each in strings(entry, path)]
        return [(path, value)] if isinstance(value, str) else []

    found = [each for each in values(text) if each.is_string]
    assert [(each.path, each.text) for each in found] == strings(value, ())
    assert all(json.loads(text[each.start : each.end]) == each.text for each in found)


# --- parquet


def test_parquet_keeps_order_types_and_other_columns(applied, source, tmp_path):
    table = pa.table(
        {
            "n": pa.array([1, None, 3], pa.int16()),
            "text": pa.array(["Zutana hej", None, "ingen"], pa.large_string()),
            "when": pa.array([0, 1, 2], pa.timestamp("ms", "UTC")),
            "title": pa.array(["Bo", "Bo", "x"]).dictionary_encode(),
            "list": pa.array([[1], [], None], pa.list_(pa.int8())),
        },
        metadata={"made": "by hand"},
    )
    parquet.write_table(table, source / "a.parquet", compression="zstd")
    applied("a.parquet", columns=("text", "title"))
    written = parquet.read_table(tmp_path / "a.parquet")
    table = parquet.read_table(source / "a.parquet")
    assert written.schema.equals(table.schema, check_metadata=True)
    assert written.select(["n", "when", "list"]).equals(table.select(["n", "when", "list"]))
    assert written["text"].to_pylist() == ["[NAME] hej", None, "ingen"]
    assert written["title"].to_pylist() == ["[NAME]", "[NAME]", "x"]
    assert parquet.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0).column(0).compression == "ZSTD"


# --- what is not redacted


@pytest.mark.parametrize(
    ("format", "data"),
    [
        (TextFormat(), "a\r\nå".encode()),
        (JsonlFormat(ROWS), b'{"text":"\\u00e5"}\n\n{"text": ""}'),
    ],
    ids=["txt", "jsonl"],
)
def test_nothing_to_redact_changes_no_byte(format, data):
    opened = format.open(data)
    assert opened.written([[leaf.text for leaf in document.leaves] for document in opened.documents]) == data
