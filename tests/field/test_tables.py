"""Tables as hospitals have them: identifiers in columns of their own, headers that lack a column, rows that fail.

Each table of cases names the promise that it shows.
"""

import datetime
import io
import json
from pathlib import Path

import pyarrow as pa
import pytest
from table_files import parquet_bytes, parquet_rows, redacted
from typer.testing import CliRunner

from spacy_deid.apply.formats.csv import Csv
from spacy_deid.apply.formats.jsonl import JsonlFormat
from spacy_deid.apply.formats.parquet import Parquet
from spacy_deid.apply.formats.rows import RowSettings
from spacy_deid.cli import app

NOTE = "Pat Anna Svensson, 19460324-4432, f. 12 april 1985, ringer 2 maj 2023."


# --- a column that holds identifiers is redacted as the text is


def test_names_in_columns_of_their_own_are_redacted_as_in_the_text(tmp_path: Path) -> None:
    data = "nr,fornamn,efternamn,text\n1,Anna,Svensson,Pat Anna Svensson ringer. Svensson mår bra.\n2,Bo,,Bo sov\n"
    out = redacted(tmp_path, "a.csv", data, identifiers={"fornamn": "NAME", "efternamn": "NAME"}, policy="index")
    assert out.text == (
        "nr,fornamn,efternamn,text\n1,[NAME_1],[NAME_1],Pat [NAME_1] ringer. [NAME_1] mår bra.\n"
        "2,[NAME_1],,[NAME_1] sov\n"
    )


def test_the_same_person_has_the_same_surrogate_and_the_same_shift(tmp_path: Path) -> None:
    header = "efternamn;pnr;fodd;besok;kl;text\r\n"
    row = f'Svensson;19460324-4432;1985-04-12;2023-05-02 10:30;20230502;"{NOTE}"\r\n'
    labels = {"efternamn": "NAME", "pnr": "ID", "fodd": "DATE", "besok": "DATE", "kl": "DATE"}
    lines = redacted(tmp_path, "a.csv", header + row, identifiers=labels, policy="surrogate").text.splitlines()
    surname, number, born, visit, compact, text = lines[1].split(";")
    assert surname in text and number in text
    assert not any(word in lines[1] for word in ("Svensson", "4432", "1985-04-12", "2023-05-02", "20230502"))
    before, after = datetime.date.fromisoformat("1985-04-12"), datetime.date.fromisoformat(born)
    moved = datetime.date(2023, 5, 2) + (after - before)
    assert (visit, compact) == (f"{moved} 10:30", f"{moved:%Y%m%d}")
    assert f"{moved.day} " in text and f" {moved.year}." in text


@pytest.mark.parametrize(
    "value", ["2023-05-02 10:30", "2023-05-02T10:30:00Z", "20230502 10:30", "02/05/2023 8:05", "2.5.2023", "2 maj 2023"]
)
def test_a_date_in_any_usual_form_moves_and_its_time_stays(tmp_path: Path, value: str) -> None:
    out = redacted(tmp_path, "a.csv", f"text,visit\nsov,{value}\n", identifiers={"visit": "DATE"}, policy="surrogate")
    visit = out.text.splitlines()[1].removeprefix("sov,")
    assert visit != value and "[" not in visit
    assert visit.partition(":")[2] == value.partition(":")[2]


@pytest.mark.parametrize(("label", "value"), [("SEX", "K"), ("AGE", "67"), ("OTHER", "K")])
def test_a_short_value_of_a_column_is_no_identifier_in_the_text(tmp_path: Path, label: str, value: str) -> None:
    text = "K 4.2 och Na 139; 67 mg Tab"
    out = redacted(tmp_path, "a.csv", f"text,x\n{text},{value}\n", identifiers={"x": label})
    assert out.text.splitlines()[1] == f"{text},[{label}]"


RECORD = {
    "id": 7,
    "meta": {"author": {"first": "Anna", "last": "Svensson"}, "pnr": 194603244432, "visits": ["2023-05-02", None]},
    "text": NOTE,
}


@pytest.mark.parametrize(
    "columns",
    [
        {"meta.author.first": "NAME", "meta.author.last": "NAME", "meta.pnr": "ID", "meta.visits": "DATE"},
        {"meta.author": "NAME", "meta.pnr": "ID", "meta.visits": "DATE"},
        {"meta": "ID"},
    ],
)
def test_nested_json_is_named_by_its_path(tmp_path: Path, columns: dict[str, str]) -> None:
    out = redacted(tmp_path, "a.jsonl", json.dumps(RECORD) + "\n", identifiers=columns)
    assert not any(value in out.text for value in ("Anna", "Svensson", "194603244432", "2023-05-02"))
    assert json.loads(out.text)["id"] == 7


def test_a_number_in_json_stays_one_where_it_can(tmp_path: Path) -> None:
    line = '{"pnr": 194603244432, "text": "sov"}'
    out = redacted(tmp_path, "a.jsonl", line, identifiers={"pnr": "ID"}, policy="surrogate")
    pnr = json.loads(out.text)["pnr"]
    assert isinstance(pnr, int) and pnr != 194603244432


def test_nested_parquet_is_named_by_its_path_and_keeps_its_types(tmp_path: Path) -> None:
    visit = datetime.datetime(2023, 5, 2, 10, 30)
    people = [{"name": {"last": "Svensson"}, "born": datetime.date(1985, 4, 12), "weight": 61.5}]
    data = parquet_bytes(
        text=[NOTE, None],
        people=[people, None],
        visit=pa.array([visit, None], pa.timestamp("ms")),
        pnr=pa.array([194603244432, None], pa.int64()),
        aliases=pa.array([[("Svensson", "x")], None], pa.map_(pa.string(), pa.string())),
    )
    columns = {"people.name.last": "NAME", "people.born": "DATE", "visit": "DATE", "pnr": "ID", "aliases": "NAME"}
    row, empty = parquet_rows(redacted(tmp_path, "a.parquet", data, identifiers=columns, policy="surrogate").data)
    assert "Svensson" not in str(row) and row["people"][0]["weight"] == 61.5
    assert row["people"][0]["name"]["last"] in row["text"] and row["aliases"][0][0] in row["text"]
    assert row["visit"] - visit == (row["people"][0]["born"] - datetime.date(1985, 4, 12))
    assert isinstance(row["pnr"], int) and row["pnr"] != 194603244432
    assert set(empty.values()) == {None}


def test_what_a_type_cannot_hold_leaves_the_cell_empty(tmp_path: Path) -> None:
    data = parquet_bytes(text=[NOTE], born=[datetime.date(1985, 4, 12)], pnr=[194603244432])
    out = redacted(tmp_path, "a.parquet", data, identifiers={"born": "DATE", "pnr": "ID"})
    assert [(row["born"], row["pnr"]) for row in parquet_rows(out.data)] == [(None, None)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", "nr,text\n1,x\n"),
        ("a.jsonl", '{"meta": {"author": {}}, "text": "x"}\n'),
        ("a.parquet", parquet_bytes(text=["x"], meta=[{"author": {"first": "Anna"}}])),
    ],
)
def test_a_column_of_identifiers_that_is_not_there_is_an_error(tmp_path: Path, name: str, data: str | bytes) -> None:
    [(_, reason)] = redacted(tmp_path, name, data, identifiers={"meta.author.last": "NAME"}).failures
    assert "'meta.author.last'" in reason and "--identifier-column" in reason


@pytest.mark.parametrize("option", ["efternamn", "=NAME", "efternamn=", "efternamn=PERSON"])
def test_an_identifier_column_needs_a_label_of_the_table(tmp_path: Path, option: str) -> None:
    (tmp_path / "a.csv").write_text("text\n", "utf8")
    arguments = ["apply", "x", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--identifier-column", option]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert "NAME" in result.stderr


# --- a message says which column, and shows no name of a column that the settings do not name


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_what_stands_beside_a_text_says_where(format: str) -> None:
    rows = RowSettings(("text",), id_column="nr")
    if format == "csv":
        table = Csv(rows).open(io.BytesIO(b"nr,Svensson,text\n1,Anna,x\n"))
        [(_, data)] = table.parts()
        [document] = table.format.open(data).documents
    elif format == "jsonl":
        [document] = JsonlFormat(rows).open(b'{"nr": 1, "a": [{"Svensson": true, "b": "Anna"}], "text": "x"}').documents
    else:
        table = Parquet(rows).open(io.BytesIO(parquet_bytes(nr=[1], Svensson=["Anna"], text=["x"])))
        [(_, data)] = table.parts()
        [document] = table.format.open(data).documents
    places = {each.text: each.place for each in document.beside}
    assert all(places.values())
    assert places["Anna"] == {"jsonl": "field 2.1.2 (counted from 1 at each level)"}.get(format, "column 2 (of 3)")
    assert places["Svensson"].startswith("the name of")
    assert places["1"].endswith(" 'nr'")
    assert not any("Svensson" in place or "Anna" in place for place in places.values())


# --- a missing column is reported by its own name and role


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "no column 'text' (--column)"),
        ({"columns": ("note",), "id_column": "nr"}, "no column 'note' (--column)"),
        ({"columns": ("Text",), "patient_column": "pnr"}, "no column 'pnr' (--patient-column)"),
        ({"columns": ("Text",), "id_column": "id"}, "no column 'id' (--id-column)"),
        ({"columns": ("Text",), "id_column": "id", "patient_column": "pnr"}, "(--patient-column) and no column 'id'"),
        ({}, "the header has 3 columns, separated by ';'; one differs in case"),
    ],
)
def test_a_missing_column_is_told_by_name_and_role(tmp_path: Path, settings: dict[str, str], told: str) -> None:
    [(_, reason)] = redacted(tmp_path, "a.csv", "nr;Text;Svensson\n1;x;y\n", **settings).failures
    assert told in reason
    assert "Svensson" not in reason


def test_an_id_column_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    [(_, reason)] = redacted(tmp_path, "a.csv", "nr,nr,text\n1,2,x\n", id_column="nr").failures
    assert reason.startswith("the column 'nr' occurs 2 times")


# --- one line a reason; a heading without rows is not written


@pytest.mark.parametrize("row", ["1,2,3,Anna", "x\0,y"])
def test_rows_that_fail_for_one_reason_are_one_line(tmp_path: Path, row: str) -> None:
    out = redacted(tmp_path, "a.csv", "nr,text\n1,x\n" + f"{row}\n" * 2998 + "3,y\n")
    assert [document for document, _ in out.failures] == ["a.csv, rows 2-2999"]
    assert out.not_written == 2998
    told = json.loads((tmp_path / "out" / "deid-manifest.json").read_text("utf8"))["failed"]
    assert [each["document"] for each in told] == ["a.csv, rows 2-2999"]


def test_rows_here_and_there_are_named_as_long_as_there_is_room(tmp_path: Path) -> None:
    rows = ["1,2,3" if number % 2 else "1,x" for number in range(1, 101)]
    out = redacted(tmp_path, "a.csv", "nr,text\n" + "\n".join(rows))
    assert out.failures[0][0] == "a.csv, rows 1, 3, 5, 7, 9, 11, 13, 15 and 42 more"


def test_a_file_of_many_reasons_does_not_flood(tmp_path: Path) -> None:
    out = redacted(tmp_path, "a.csv", "nr,text\n" + "\n".join("," * number for number in range(2, 400)))
    assert len(out.failures) < 25 and out.not_written == 398


@pytest.mark.parametrize(("name", "data"), [("a.csv", "nr,text\n1,2,3\n"), ("a.jsonl", "[]\n{}\n")])
def test_a_table_without_a_row_left_is_not_written(tmp_path: Path, name: str, data: str) -> None:
    assert redacted(tmp_path, name, data).data is None


def test_a_table_without_rows_is_written(tmp_path: Path) -> None:
    assert redacted(tmp_path, "a.csv", "nr,text\n").text == "nr,text\n"


# --- what is no document


def test_files_that_programs_leave_beside_documents_are_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("~$note.docx", "~$Anna.XLSX", "Thumbs.db", "desktop.ini", ".DS_Store", ".~lock.a.odt#"):
        (tmp_path / "in" / name).write_bytes(b"\x05Anna Svensson")
    out = redacted(tmp_path, "a.txt", "x")
    told = json.loads((tmp_path / "out" / "deid-manifest.json").read_text("utf8"))
    assert (out.text, told["passed_over"]) == ("x", 4)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("a.csv.gz", "unpack"), ("a.zip", "unpack"), ("a.xlsx", "CSV UTF-8"), ("a.doc", ".docx"), ("a.pdf", ".txt")],
)
def test_a_format_that_is_not_read_has_its_remedy(tmp_path: Path, name: str, remedy: str) -> None:
    [(_, reason)] = redacted(tmp_path, name, b"x").failures
    assert remedy in reason.split("Remedy: ")[1]


@pytest.mark.parametrize(
    ("name", "start", "kind"),
    [
        ("a.csv", b"PK\x03\x04", "zip archive"),
        ("a.txt", b"%PDF-1.7\n\xe2\xe3", "PDF"),
        ("a.jsonl", b"\x1f\x8b", "compressed"),
    ],
)
def test_a_file_with_the_suffix_of_another_is_told_by_what_it_is(
    tmp_path: Path, name: str, start: bytes, kind: str
) -> None:
    [(_, reason)] = redacted(tmp_path, name, start + b"\xff\xfe\x00\n").failures
    assert kind in reason
