"""Word files: no part identifies anybody, and the formatting is kept."""

import io
import zipfile

import docx
import pytest
from docx.opc.packuri import PackURI
from docx.shared import Pt

from spacy_deid.apply.formats.docx import DocxFormat
from spacy_deid.apply.run import apply
from spacy_deid.apply.unit import SURVIVES

MAIN = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc00000030101003dd82a5b0000000049454e44ae426082"
)
OTHERS = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:u="http://schemas.microsoft.com/office/word/2023/wordml/word16du"'
)


def every_text_of(path):
    """Return all XML of a Word file, including its parts' names and relations."""
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


def test_docx_is_clean_in_body_tables_margins_comments_and_properties(applied, source, tmp_path):
    full_docx(source / "a.docx")
    applied("a.docx")
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


def test_a_picture_becomes_an_empty_one_without_a_name(applied, source, tmp_path):
    (tmp_path / "Zutana.png").write_bytes(PIXEL)
    document = docx.Document()
    document.add_paragraph("Zutana kom.")
    document.add_picture(str(tmp_path / "Zutana.png"))
    for part in document.part.package.image_parts:
        part.partname = PackURI("/word/media/Zutana.png")
    document.save(source / "a.docx")
    applied("a.docx")
    assert "Zutana" not in every_text_of(tmp_path / "a.docx")
    pictures = [
        part for part in docx.Document(tmp_path / "a.docx").part.package.iter_parts() if "image" in part.content_type
    ]
    assert pictures
    assert all(part.blob != PIXEL for part in pictures)


def write_with(path, markup, name="word/document.xml"):
    """Write a Word file about Zutana, with markup at the end of its body."""
    document = docx.Document()
    document.add_paragraph("Zutana kom.")
    stream = io.BytesIO()
    document.save(stream)
    with zipfile.ZipFile(stream) as read, zipfile.ZipFile(path, "w") as written:
        for entry in read.namelist():
            data = read.read(entry)
            if entry == name:
                data = data.replace(MAIN + b'"', MAIN + f'" {OTHERS}'.encode(), 1)
                data = data.replace(b"<w:sectPr", markup.encode() + b"<w:sectPr", 1)
            written.writestr(entry, data)


@pytest.mark.parametrize(
    "markup",
    [
        "<w:p><m:oMath><m:r><m:t>Quiroga</m:t></m:r></m:oMath></w:p>",
        "<m:oMath><m:r><m:t>Quiroga</m:t></m:r></m:oMath>",
        "<w:p><w:r><w:drawing><a:p><a:r><a:t>Qui</a:t></a:r><a:r><a:t>roga</a:t></a:r></a:p></w:drawing></w:r></w:p>",
        "<w:p><w:r><w:drawing><a:p><a:r><a:t>x</a:t></a:r><a:br/><a:r><a:t>Quiroga</a:t></a:r></a:p></w:drawing></w:r>"
        "</w:p>",
        '<w:p><w:r><w:pict><v:shape alt="Quiroga"/></w:pict></w:r></w:p>',
        '<w:p><w:r><w:pict><v:shape><v:textpath string="Quiroga"/></v:shape></w:pict></w:r></w:p>',
        '<w:p><w:fldSimple w:instr="QUOTE Quiroga"/></w:p>',
        "<w:ins><w:r><w:t>Quiroga</w:t></w:r></w:ins>",
        "<w:p><w:r><w:t>x</w:t><w:ptab/><w:t>Quiroga</w:t></w:r></w:p>",
        "<w:p><w:r><w:t>Qui<!-- x -->roga</w:t></w:r></w:p>",
    ],
)
def test_text_in_any_place_of_a_word_file_is_read(applied, source, tmp_path, markup):
    write_with(source / "a.docx", markup)
    applied("a.docx")
    written = every_text_of(tmp_path / "a.docx")
    assert "roga" not in written
    assert written.count("[NAME]") == 2


@pytest.mark.parametrize(
    "markup",
    [
        "<!-- Quiroga --><?x Quiroga?>",
        '<w:p><w:ins w:id="1" w:author="Quiroga" w:initials="Quiroga" w:date="Quiroga" u:dateUtc="Quiroga"/></w:p>',
        '<w:sdt><w:sdtPr><w:date w:fullDate="Quiroga"/></w:sdtPr></w:sdt>',
        "<w:p><w:r><w:fldChar><w:fldData>Quiroga</w:fldData></w:fldChar></w:r></w:p>",
    ],
)
def test_what_nobody_reads_of_a_word_file_is_removed(applied, source, tmp_path, markup):
    write_with(source / "a.docx", markup)
    applied("a.docx")
    assert "Quiroga" not in every_text_of(tmp_path / "a.docx")


@pytest.mark.parametrize(
    "markup",
    ["<w:p><w:other>Zutana</w:other></w:p>", "<w:p/>Zutana", '<w:p w:other="2023-04-12"/>', "<w:p/>2023-04-12"],
)
def test_what_survives_in_any_place_of_a_word_file_fails_it(nlp, source, tmp_path, markup):
    write_with(source / "a.docx", f"<w:p><w:r><w:t>2023-04-12</w:t></w:r></w:p>{markup}")
    summary = apply(nlp, source / "a.docx", tmp_path / "a.docx", quiet=True)
    assert [each.reason.split(":")[0] for each in summary.failed] == [SURVIVES]


def test_a_part_whose_name_names_somebody_fails_the_word_file(nlp, source, tmp_path):
    document = docx.Document()
    header = document.sections[0].header
    header.paragraphs[0].text = "Zutana"
    header.part.partname = PackURI("/word/Zutana.xml")
    document.save(source / "a.docx")
    summary = apply(nlp, source / "a.docx", tmp_path / "a.docx", quiet=True)
    assert [each.reason.split(":")[0] for each in summary.failed] == [SURVIVES]


def docx_bytes(*pictures):
    stream = io.BytesIO()
    document = docx.Document()
    for picture in pictures:
        document.add_picture(picture)
    document.save(stream)
    return stream.getvalue()


def test_a_year_in_the_name_of_a_schema_is_no_date():
    opened = DocxFormat().open(docx_bytes(io.BytesIO(PIXEL)))
    assert not [each for each in opened.documents[0].beside if "2006" in each.text]


def test_docx_is_the_same_when_it_is_read_and_written_again():
    first = DocxFormat().open(docx_bytes())
    once = first.written([[leaf.text for leaf in first.documents[0].leaves]])
    again = DocxFormat().open(once)
    assert again.written([[leaf.text for leaf in again.documents[0].leaves]]) == once
