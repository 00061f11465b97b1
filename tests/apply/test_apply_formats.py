"""Each format: identifiers are replaced, and everything else is what it was."""

import base64
import csv
import io
import json
import zipfile

import docx
import pyarrow as pa
import pytest
from docx.shared import Pt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from spacy_deid.apply.formats.csv import Csv, records
from spacy_deid.apply.formats.docx import DocxFormat
from spacy_deid.apply.formats.fhir import FhirFormat
from spacy_deid.apply.formats.json_strings import values
from spacy_deid.apply.formats.jsonl import JsonlFormat
from spacy_deid.apply.formats.rows import RowSettings
from spacy_deid.apply.formats.text import TextFormat
from spacy_deid.apply.formats.xhtml import read_xhtml, written_xhtml
from spacy_deid.apply.run import apply
from spacy_deid.apply.settings import Settings

ROWS = RowSettings(("text",))


def applied(nlp, source, tmp_path, name, **options):
    summary = apply(nlp, source / name, tmp_path / name, Settings(**options), quiet=True)
    assert summary.failed == []
    return (tmp_path / name).read_bytes()


# --- text


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_text_keeps_line_ends_and_byte_order_mark(nlp, source, tmp_path, note, mark):
    (source / "a.txt").write_bytes((mark + note[0]).encode("utf8"))
    assert applied(nlp, source, tmp_path, "a.txt").decode("utf8") == mark + note[1]


# --- csv

CSV = '\ufeffid;"text";x\r\n1;"Zutana\r\nsa ""hej"" till Bo";  1,50\r\n2;Bo;\n\r\n"3";"ingen";""\r\n4;;last'
CSV_MASKED = (
    '\ufeffid;"text";x\r\n1;"[NAME]\r\nsa ""hej"" till [NAME]";  1,50\r\n2;[NAME];\n\r\n"3";"ingen";""\r\n4;;last'
)


def test_csv_keeps_every_byte_outside_of_what_is_redacted(nlp, source, tmp_path):
    (source / "a.csv").write_bytes(CSV.encode("utf8"))
    assert applied(nlp, source, tmp_path, "a.csv").decode("utf8") == CSV_MASKED


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


def test_jsonl_keeps_every_byte_outside_of_what_is_redacted(nlp, source, tmp_path):
    line = '{ "id" : 1.50, "text":"Zutana \\u00e5t \\"ost\\"", "e":1e5, "n": {"text": "Hej"}, "text": null}\r\n\r\n'
    last = '{"text": "Bo mår bra", "id": 12345678901234567890}'
    (source / "a.jsonl").write_bytes((line.replace(', "text": null', "") + last).encode("utf8"))
    expected = line.replace(', "text": null', "").replace("Zutana", "[NAME]") + last.replace("Bo", "[NAME]")
    assert applied(nlp, source, tmp_path, "a.jsonl").decode("utf8") == expected


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


def test_parquet_keeps_order_types_and_other_columns(nlp, source, tmp_path):
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
    applied(nlp, source, tmp_path, "a.parquet", columns=("text", "title"))
    written = parquet.read_table(tmp_path / "a.parquet")
    table = parquet.read_table(source / "a.parquet")
    assert written.schema.equals(table.schema, check_metadata=True)
    assert written.select(["n", "when", "list"]).equals(table.select(["n", "when", "list"]))
    assert written["text"].to_pylist() == ["[NAME] hej", None, "ingen"]
    assert written["title"].to_pylist() == ["[NAME]", "[NAME]", "x"]
    assert parquet.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0).column(0).compression == "ZSTD"


# --- docx


def every_text_of(path):
    """Return all XML of a Word file, its parts' names and relations among it."""
    with zipfile.ZipFile(path) as file:
        return "\n".join(name + file.read(name).decode("utf8", "replace") for name in file.namelist())


def full_docx(path):
    document = docx.Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.title = properties.comments = "Zutana Quiroga"
    paragraph = document.add_paragraph("Patienten ")
    paragraph.add_run("Zut").bold = True
    paragraph.add_run("ana").font.size = Pt(9)
    run = paragraph.add_run(" mår bra.")
    document.add_comment([run], text="Bo undrar", author="Zutana Quiroga", initials="ZQ")
    cell = document.add_table(1, 2).cell(0, 1)
    cell.text = "Bo i tabell"
    cell.add_table(1, 1).cell(0, 0).text = "780412-1234"
    document.sections[0].header.paragraphs[0].text = "Quiroga i sidhuvud"
    document.sections[0].footer.paragraphs[0].text = "Bo i sidfot"
    relation = document.part.relate_to("mailto:zutana@quiroga.se", "http://x/hyperlink", is_external=True)
    assert relation
    document.save(path)


def test_docx_is_clean_in_body_tables_margins_comments_and_properties(nlp, source, tmp_path):
    full_docx(source / "a.docx")
    applied(nlp, source, tmp_path, "a.docx")
    everything = every_text_of(tmp_path / "a.docx").casefold()
    for word in ("zut", "quiroga", "780412", ">bo ", "python-docx"):
        assert word not in everything
    document = docx.Document(tmp_path / "a.docx")
    paragraph = document.paragraphs[0]
    assert paragraph.text == "Patienten [NAME] mår bra."
    assert [run.bold for run in paragraph.runs][:4] == [None, True, None, None]
    assert document.tables[0].cell(0, 1).paragraphs[0].text == "[NAME] i tabell"
    assert document.tables[0].cell(0, 1).tables[0].cell(0, 0).text == "[ID]"
    assert document.sections[0].header.paragraphs[0].text == "[NAME] i sidhuvud"
    assert document.sections[0].footer.paragraphs[0].text == "[NAME] i sidfot"
    assert [comment.text for comment in document.comments] == ["[NAME] undrar"]
    assert document.core_properties.author == ""


def test_a_picture_becomes_an_empty_one(nlp, source, tmp_path):
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c49444154789c63f8cfc00000030101003dd82a5b0000000049454e44ae426082"
    )
    document = docx.Document()
    document.add_picture(io.BytesIO(pixel))
    document.save(source / "a.docx")
    applied(nlp, source, tmp_path, "a.docx")
    pictures = [
        part for part in docx.Document(tmp_path / "a.docx").part.package.iter_parts() if "image" in part.content_type
    ]
    assert pictures
    assert all(part.blob != pixel for part in pictures)


# --- fhir

NARRATIVE = '<div xmlns="http://www.w3.org/1999/xhtml"><p title="Bo">Zut<b>ana</b> &amp; <i>Bo</i></p><!-- Bo --></div>'
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "text": {"status": "generated", "div": NARRATIVE},
    "identifier": [{"system": "urn:x", "value": "19780412-1234"}],
    "name": [{"family": "Okänd", "given": ["Ovanlig"]}],
    "telecom": [{"system": "phone", "value": "070-1740605"}],
    "birthDate": "1978-04-12",
    "gender": "female",
}
OBSERVATION = {
    "resourceType": "Observation",
    "status": "final",
    "subject": {"reference": "Patient/p1", "display": "Ovanlig Okänd"},
    "effectiveDateTime": "2023-04-12T10:00:00+02:00",
    "valueQuantity": {"value": 1.50, "unit": "mg"},
    "note": [{"text": "Bo mår bra"}],
}


def test_fhir_keeps_markup_codes_and_numbers(nlp, source, tmp_path):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"resource": OBSERVATION}]}
    (source / "a.json").write_text(json.dumps(bundle, indent=1).replace("1.5,", "1.50,"), "utf8")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    written = applied(nlp, source, tmp_path, "a.json").decode("utf8")
    patient, observation = (entry["resource"] for entry in json.loads(written)["entry"])
    masked = NARRATIVE.replace("Zut<b>ana", "[NAME]<b>").replace("Bo", "[NAME]")
    assert patient["text"]["div"] == masked
    assert patient["identifier"] == [{"system": "urn:x", "value": "[ID]"}]
    assert patient["name"] == [{"family": "[NAME]", "given": ["[NAME]"]}]
    assert (patient["id"], patient["gender"]) == ("p1", "female")
    assert "birthDate" not in patient
    assert patient["_birthDate"]["extension"][0]["valueCode"] == "masked"
    assert observation["note"] == [{"text": "[NAME] mår bra"}]
    # what the record says of the patient is found in free text, which the pipeline alone would miss
    assert observation["subject"] == {"reference": "Patient/p1", "display": "[NAME] [NAME]"}
    assert '"value": 1.50' in written


def test_fhir_dates_that_are_shifted_stay_dates(nlp, source, tmp_path, key_file):
    # without rules nothing finds in free text what the record says, and the survival check would stop it
    resource = PATIENT | OBSERVATION | {"subject": {"reference": "Patient/p1"}}
    (source / "a.json").write_text(json.dumps(resource), "utf8")
    written = json.loads(applied(nlp, source, tmp_path, "a.json", policy="surrogate", key=key_file))
    assert written["effectiveDateTime"].endswith("T10:00:00+02:00")
    assert written["effectiveDateTime"][:10] != "2023-04-12"
    assert written["birthDate"] != "1978-04-12"


def test_fhir_attachments_of_text_are_read(nlp, source, tmp_path):
    data = base64.b64encode("Zutana mår bra".encode()).decode()
    resource = {"resourceType": "DocumentReference", "content": [{"attachment": {"data": data}}]}
    (source / "a.json").write_text(json.dumps(resource), "utf8")
    written = json.loads(applied(nlp, source, tmp_path, "a.json"))
    assert base64.b64decode(written["content"][0]["attachment"]["data"]).decode() == "[NAME] mår bra"


@given(
    words=st.lists(st.sampled_from(["<p>", "</p>", "<b>", "</b>", "<br/>", "å &amp; ", "x", '<a href="y">', "&lt;"]))
)
def test_markup_that_is_not_changed_stays(words):
    markup = "".join(words)
    assert written_xhtml(markup, [leaf.text for leaf in read_xhtml(markup)]) == markup


# --- all: what is not redacted is as it was


def docx_bytes():
    stream = io.BytesIO()
    docx.Document().save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("format", "data"),
    [
        (TextFormat(), "a\r\nå".encode()),
        (JsonlFormat(ROWS), b'{"text":"\\u00e5"}\n\n{"text": ""}'),
        (FhirFormat(), json.dumps(PATIENT).encode()),
    ],
    ids=["txt", "jsonl", "fhir"],
)
def test_nothing_to_redact_changes_no_byte(format, data):
    opened = format.open(data)
    assert opened.written([[leaf.text for leaf in document.leaves] for document in opened.documents]) == data


def test_docx_is_the_same_when_it_is_read_and_written_again():
    first = DocxFormat().open(docx_bytes())
    once = first.written([[leaf.text for leaf in first.documents[0].leaves]])
    again = DocxFormat().open(once)
    assert again.written([[leaf.text for leaf in again.documents[0].leaves]]) == once
