"""Word files: no part of one tells of anybody, and its formatting stays."""

import io
import zipfile

import docx
from docx.shared import Pt

from spacy_deid.apply.formats.docx import DocxFormat


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


def test_a_picture_becomes_an_empty_one(applied, source, tmp_path):
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c49444154789c63f8cfc00000030101003dd82a5b0000000049454e44ae426082"
    )
    document = docx.Document()
    document.add_picture(io.BytesIO(pixel))
    document.save(source / "a.docx")
    applied("a.docx")
    pictures = [
        part for part in docx.Document(tmp_path / "a.docx").part.package.iter_parts() if "image" in part.content_type
    ]
    assert pictures
    assert all(part.blob != pixel for part in pictures)


def docx_bytes():
    stream = io.BytesIO()
    docx.Document().save(stream)
    return stream.getvalue()


def test_docx_is_the_same_when_it_is_read_and_written_again():
    first = DocxFormat().open(docx_bytes())
    once = first.written([[leaf.text for leaf in first.documents[0].leaves]])
    again = DocxFormat().open(once)
    assert again.written([[leaf.text for leaf in again.documents[0].leaves]]) == once
