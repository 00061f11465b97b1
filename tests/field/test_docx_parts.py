"""Every part of a Word file is read or removed, or the file is refused with a message that names the remedy."""

import io
import re
import zipfile

import docx
import pytest
from word_files import NAME, NOTE, OFFICE, RELATIONS, everything, redact, unzipped, word_file, written, zipped

from spacy_deid.apply.formats.docx import DocxFormat
from spacy_deid.errors import DeidError

XML = f"<x>{NAME}</x>"
TYPE = "application/vnd.openxmlformats-"
OFFICIAL = f"{TYPE}officedocument."
WORD = f"{OFFICIAL}wordprocessingml."
LABEL = "application/vnd.ms-office.classificationlabels+xml"
REMOVED_PARTS = {
    "label": ("/docMetadata/LabelInfo.xml", LABEL, "classificationlabels"),
    "font": ("word/fonts/font1.odttf", f"{OFFICIAL}obfuscatedFont", "font"),
    "font as it is": ("word/fonts/font1.ttf", "application/x-font-ttf", "font"),
    "glossary": ("word/glossary/document.xml", f"{WORD}document.glossary+xml", "glossaryDocument"),
    "data": ("customXml/item1.xml", "application/xml", "customXml"),
    "people": ("word/people.xml", f"{WORD}people+xml", "people"),
    "tasks": ("word/documenttasks.xml", "application/vnd.ms-office.documenttasks+xml", "documenttasks"),
    "spelling": ("word/intelligence2.xml", "application/vnd.ms-office.intelligence2+xml", "intelligence2"),
    "properties": ("/docProps/custom.xml", f"{OFFICIAL}custom-properties+xml", "custom-properties"),
    "signature": ("/_xmlsignatures/origin.sigs", f"{TYPE}package.digital-signature-origin", "digital-signature/origin"),
    "panes": ("/word/webextensions/taskpanes.xml", "application/vnd.ms-office.webextensiontaskpanes+xml", "taskpanes"),
    "printer": ("word/printerSettings.bin", f"{WORD}printerSettings", "printerSettings"),
    "nothing is related to it": ("other.xml", "application/x-other", ""),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content_type", "relation"), REMOVED_PARTS.values(), ids=REMOVED_PARTS)
def test_a_part_that_every_reader_can_do_without_is_removed(name, content_type, relation):
    data = word_file(parts={name: (content_type, f"{OFFICE}/{relation}", XML)})
    if not relation:
        files = unzipped(word_file())
        data = zipped(files | {name: XML.encode(), "docProps/folder/": b""})
    new = written(redact(data))
    assert NAME not in everything(new)
    assert name.removeprefix("/") not in unzipped(new)
    assert docx.Document(io.BytesIO(new)).paragraphs == [] or docx.Document(io.BytesIO(new))


def test_nothing_refers_to_a_part_that_is_gone():
    data = word_file(
        body='<w:p><w:pPr><w:sectPr><w:printerSettings r:id="rIdPart0"/></w:sectPr></w:pPr></w:p>',
        parts={"word/p.bin": (f"{WORD}printerSettings", f"{OFFICE}/printerSettings", "x")},
    )
    assert "rIdPart0" in everything(data)
    assert "rIdPart0" not in everything(written(redact(data)))


REFUSED = {
    "chart": ("word/charts/chart1.xml", f"{OFFICIAL}drawingml.chart+xml", "a chart"),
    "diagram": ("word/diagrams/data1.xml", f"{OFFICIAL}drawingml.diagramData+xml", "a SmartArt diagram"),
    "sheet": ("word/embeddings/Microsoft_Excel_Sheet1.xlsx", f"{OFFICIAL}spreadsheetml.sheet", "an embedded object"),
    "object": ("word/embeddings/oleObject1.bin", f"{OFFICIAL}oleObject", "an embedded object"),
    "web page": ("word/afchunk1.html", "text/html", "another document that was inserted as a file"),
    "document": ("word/afchunk1.docx", f"{WORD}document", "another document"),
    "ink": ("word/ink/ink1.xml", "application/inkml+xml", "handwriting"),
    "control": ("word/activeX/activeX1.xml", "application/vnd.ms-office.activeX+xml", "a control (ActiveX)"),
    "macros": ("word/vbaProject.bin", "application/vnd.ms-office.vbaProject", "macros"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content_type", "what"), REFUSED.values(), ids=REFUSED)
def test_a_part_that_nobody_reads_is_refused_by_name(name, content_type, what):
    outcome = redact(word_file(NOTE, parts={name: (content_type, f"{OFFICE}/x", XML)}))
    ((_, reason),) = outcome.failed
    assert outcome.data is None
    assert f"a part that is not read: {name}, {what}" in reason
    assert "Remedy: " in reason


def test_a_part_that_somebody_named_is_refused_without_its_name():
    outcome = redact(word_file(NOTE, parts={f"word/{NAME}.bin": ("application/x-other", f"{OFFICE}/x", XML)}))
    ((_, reason),) = outcome.failed
    assert "a part of word/, an embedded object" in reason


def test_text_that_was_inserted_as_a_file_is_not_lost_in_silence():
    inserted = {"word/afchunk1.xml": ("application/xml", f"{OFFICE}/aFChunk", XML)}
    ((_, reason),) = redact(word_file("Besök", '<w:altChunk r:id="rIdPart0"/>', parts=inserted)).failed
    assert "another document that was inserted as a file" in reason


def test_what_only_a_removed_part_led_to_goes_with_it():
    parts = {name: (kind, f"{OFFICE}/x", XML) for name, kind, _ in (REMOVED_PARTS["glossary"], REFUSED["chart"])}
    files = unzipped(word_file(parts=parts))
    to_chart = re.search(rb'<Relationship Id="rIdPart1".*?/>', files[RELATIONS])[0]
    files[RELATIONS] = files[RELATIONS].replace(to_chart, b"")
    namespace = b"http://schemas.openxmlformats.org/package/2006/relationships"
    of_glossary = b'<Relationships xmlns="%s">%s</Relationships>' % (namespace, to_chart)
    files["word/glossary/_rels/document.xml.rels"] = of_glossary
    assert NAME not in everything(written(redact(zipped(files))))


def test_properties_are_empty_whatever_stands_in_them():
    files = unzipped(word_file())
    core = files["docProps/core.xml"]
    start = core.index(b">", core.index(b"coreProperties")) + 1
    root = core[: start - 1] + f' xmlns:x="urn:{NAME}" x:y="{NAME}">{NAME}'.encode()
    files["docProps/core.xml"] = root + core[start:]
    assert NAME not in everything(written(redact(zipped(files))))


OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
NO_DOCX = {
    "password": (OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "older Word": (OLE + "WordDocument".encode("utf-16-le"), "an old .doc file"),
    "owner file": (b"\x0fKarin Lindqvist" + b" " * 146, "an owner file"),
    "RTF": (rb"{\rtf1 Lindqvist}", "RTF"),
    "PDF": (b"%PDF-1.7 Lindqvist", "PDF"),
    "empty": (b"", "the file is empty"),
}


@pytest.mark.parametrize(("data", "reason"), NO_DOCX.values(), ids=NO_DOCX)
def test_what_only_looks_like_a_word_file_is_told_for_what_it_is(data, reason):
    with pytest.raises(DeidError, match=reason) as caught:
        DocxFormat().open(data)
    assert "damaged" not in str(caught.value)
    assert NAME not in str(caught.value)


@pytest.mark.parametrize(("kind", "what"), [("document.macroEnabled", "macros"), ("template", "a template")])
def test_a_main_part_of_another_kind_is_told_of(kind, what):
    files = unzipped(word_file(NOTE))
    own = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    other = {"template": own.replace(b"document.main", b"template.main")}
    content_type = other.get(kind, b"application/vnd.ms-word.document.macroEnabled.main+xml")
    files["[Content_Types].xml"] = files["[Content_Types].xml"].replace(own, content_type)
    with pytest.raises(DeidError, match=what):
        DocxFormat().open(zipped(files))


def test_entities_that_a_document_declares_are_refused():
    files = unzipped(word_file(NOTE))
    declared = f'<!DOCTYPE w:document [<!ENTITY n "{NAME}">]>'.encode()
    files["word/document.xml"] = files["word/document.xml"].replace(b"<w:document", declared + b"<w:document", 1)
    with pytest.raises(DeidError, match=r"word/document.xml declares a document type"):
        DocxFormat().open(zipped(files))


def test_nothing_of_the_archive_itself_is_kept():
    stream = io.BytesIO(word_file(NOTE))
    with zipfile.ZipFile(stream, "a") as file:
        file.comment = NAME.encode()
        extra = zipfile.ZipInfo(f"word/{NAME}/")
        extra.comment = NAME.encode()
        file.writestr(extra, b"")
    assert NAME.encode() not in written(redact(stream.getvalue()))
