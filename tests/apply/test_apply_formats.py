"""Text and tables: identifiers are replaced, and everything else is unchanged."""

import csv
import datetime
import io
import json
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from spacy_deid.apply.formats.csv import Csv
from spacy_deid.apply.formats.csv_dialect import Dialect
from spacy_deid.apply.formats.json_strings import values
from spacy_deid.apply.formats.jsonl import JsonlFormat
from spacy_deid.apply.formats.parquet import Parquet
from spacy_deid.apply.formats.rows import RowSettings
from spacy_deid.apply.formats.text import TextFormat
from spacy_deid.apply.run import apply
from spacy_deid.apply.unit import HEADING, SURVIVES
from spacy_deid.errors import DeidError
from spacy_deid.redact.survival import survivors
from spacy_deid.redact.value_forms import Value
from spacy_deid.redact.value_index import ValueIndex

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
    found = list(Dialect(",").records(io.StringIO(written, newline="")))
    assert "".join(record.raw for record in found) == written
    assert [len(record.fields) for record in found] == [len(row) for row in rows]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(cells=st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=4), new=FIELDS)
def test_csv_cells_read_and_written_as_the_standard_library_does(cells, new):
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([("id", "text"), *cells])
    table = Csv(replace(ROWS, quoting="standard")).open(io.BytesIO(stream.getvalue().encode("utf8")))
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


def test_parquet_notes_of_the_whole_table_are_left_out(applied, source, tmp_path):
    table = pa.table({"text": ["ingen"]}, metadata={"pandas": '{"attributes": {"patient": "Anna Ek"}}'})
    parquet.write_table(table, source / "a.parquet")
    applied("a.parquet")
    assert parquet.read_schema(tmp_path / "a.parquet").metadata is None


def test_parquet_categories_of_rows_that_failed_are_left_out(nlp, source, tmp_path):
    who = pa.array(["Zutana", "x"] + ["y"] * 200).dictionary_encode()
    texts = ["Zutana kom", "Bo kom"] + ["ingen"] * 200
    parquet.write_table(pa.table({"text": texts, "who": who}), source / "a.parquet")
    summary = apply(nlp, source / "a.parquet", tmp_path / "a.parquet", quiet=True)
    assert [each.reason.split(":")[0] for each in summary.failed] == [SURVIVES]
    assert b"Zutana" not in (tmp_path / "a.parquet").read_bytes()
    written = parquet.read_table(tmp_path / "a.parquet")
    assert written.schema.field("who").type == parquet.read_schema(source / "a.parquet").field("who").type
    assert written["who"].to_pylist() == ["x"] + ["y"] * 200


# --- what stands beside the text

PERSON = "Zutana Quiroga, inskriven 2023-04-12."


def survives_in(opened):
    """Whether a format shows the survival check what stands beside PERSON."""
    (document,) = opened.documents
    values = ValueIndex([Value("Zutana Quiroga"), Value("2023-04-12")], "sv")
    return bool(survivors(values, beside=document.beside))


@pytest.mark.parametrize("header", ["text,Zutana Quiroga,x", 'text,"Quiroga, Zutana",x', "text,ZUTANA QUIROGA,x"])
def test_csv_headers_are_checked(header):
    table = Csv(ROWS).open(io.BytesIO(f'{header}\n"{PERSON}",1,2\n'.encode()))
    ((_, data),) = table.parts()
    assert survives_in(table.format.open(data))


def test_a_table_whose_heading_names_somebody_of_a_row_is_not_written(nlp, source, out):
    rows = 300
    (source / "a.csv").write_text("text,zutana\n" + "ingen,1\n" * rows + "Zutana kom,2\n", "utf8")
    table = pa.table({"text": ["ingen"] * rows + ["Zutana kom"], "zutana": [1] * (rows + 1)})
    parquet.write_table(table, source / "a.parquet")
    summary = apply(nlp, source, out, quiet=True)
    places = "the name of column 2 (of 2)", "the name of column 2 (of 2), or the metadata of it"
    assert [each.reason for each in summary.failed] == [f"{place} {HEADING}" for place in places]
    assert not list(out.glob("*.csv")) + list(out.glob("*.parquet"))
    # nor when the run goes on
    assert len(apply(nlp, source, out, quiet=True).failed) == 2


@pytest.mark.parametrize(
    "beside", [{"Zutana Quiroga": True}, {"x": {"Zutana Quiroga": None}}, {"x": [{"zutana quiroga": []}]}]
)
def test_jsonl_keys_are_checked(beside):
    assert survives_in(JsonlFormat(ROWS).open(json.dumps({"text": PERSON, **beside}).encode()))


def parquet_opened(table):
    stream = io.BytesIO()
    parquet.write_table(table, stream)
    opened = Parquet(ROWS).open(stream)
    ((_, data),) = opened.parts()
    return opened.format.open(data)


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("Zutana Quiroga", 1),
        ("x", {"Zutana Quiroga": 1}),
        ("x", b"Zutana Quiroga"),
        ("x", ["Zutana\nQuiroga"]),
        ("x", [["Zutana\u200b Quiroga"]]),
        ("x", {"on": datetime.date(2023, 4, 12)}),
        ("x", [datetime.datetime(2023, 4, 12, 10)]),
        ("x", {"a": {"b": [b"zutana quiroga \xff"]}}),
    ],
)
def test_parquet_names_and_cells_are_checked_however_deep(name, cell):
    assert survives_in(parquet_opened(pa.table({"text": [PERSON], name: [cell]})))


def test_parquet_maps_and_notes_of_columns_are_checked():
    mapped = pa.array([[("Zutana Quiroga", 1)]], pa.map_(pa.string(), pa.int8()))
    assert survives_in(parquet_opened(pa.table({"text": [PERSON], "x": mapped})))
    noted = pa.field("x", pa.int8(), metadata={"of": "Zutana Quiroga"})
    table = pa.table({"text": [PERSON], "x": [1]}, schema=pa.schema([("text", pa.string()), noted]))
    assert survives_in(parquet_opened(table))


def test_what_says_nothing_of_the_person_survives_nowhere():
    assert not survives_in(parquet_opened(pa.table({"text": [PERSON], "x": [[b"Zut"]], "y": [2023]})))


@pytest.mark.parametrize("names", [["text", "text"], ["text", "x", "x"]])
def test_parquet_columns_of_one_name_are_refused(names):
    with pytest.raises(DeidError, match="two columns have the same name"):
        parquet_opened(pa.Table.from_arrays([pa.array(["a"]) for _ in names], names=names))


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (pa.StructArray.from_arrays([pa.array(["a"]), pa.array(["b"])], ["x", "x"]), "the same name"),
        (pa.StructArray.from_arrays([pa.array(["a"]).dictionary_encode()], ["x"]), "a dictionary within"),
        (pa.array([10**7], pa.date32()), "odd values"),
        (pa.array([b"\xff"]).view(pa.string()), "odd values"),
    ],
)
def test_parquet_that_cannot_be_checked_is_refused(column, reason):
    with pytest.raises(DeidError, match=reason):
        parquet_opened(pa.table({"text": ["a"], "x": column}))


@pytest.mark.parametrize("line", ['{"text": "a \\ud800"}', '{"text": "\\udc00\\ud800"}'])
def test_jsonl_half_a_character_is_told_of(line):
    (document,) = JsonlFormat(ROWS).open(line.encode()).documents
    assert "'text' holds half a character" in document.error


def test_jsonl_a_pair_of_halves_is_a_character():
    (document,) = JsonlFormat(ROWS).open(b'{"text": "\\ud83d\\ude00", "x": "\\ud800"}').documents
    assert (document.error, document.text) == ("", "\U0001f600")


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
