"""Every element and attribute of a Word file is read, removed or searched, or is known to contain no text."""

import io

import docx
import pytest
from word_files import NAME, NOTE, NUMBER, everything, redact, saved, unzipped, word_file, written, zipped

from spacy_deid.apply.formats.docx import DocxFormat
from spacy_deid.apply.unit import SURVIVES


def run_of(*markup: str) -> str:
    return "<w:p><w:r>" + "".join(markup) + "</w:r></w:p>"


def control(properties: str) -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent><w:p/></w:sdtContent></w:sdt>"


def form_field(data: str) -> str:
    return run_of('<w:fldChar w:fldCharType="begin"><w:ffData>', data, "</w:ffData></w:fldChar>", END)


def field(*codes: str) -> str:
    pieces = "".join(f"<w:r><w:instrText>{code}</w:instrText></w:r>" for code in codes)
    return f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{pieces}<w:r>{END}</w:r></w:p>'


RUN = run_of(f"<w:t>{NAME}</w:t>")
END = '<w:fldChar w:fldCharType="end"/>'
SEPARATE = '<w:fldChar w:fldCharType="separate"/>'
PAGE = f'<w:r><w:fldChar w:fldCharType="begin"/><w:instrText> PAGE </w:instrText>{END}</w:r>'
TABLE = "<w:tbl><w:tblPr>{}</w:tblPr><w:tblGrid/><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>"

# what a reader of the file sees in Word: redacted in its place
READ = {
    "caption of a table": TABLE.format(f'<w:tblCaption w:val="{NAME}"/>'),
    "description of a table": TABLE.format(f'<w:tblDescription w:val="Värden för {NAME}"/>'),
    "default of a text field": form_field(f'<w:textInput><w:default w:val="{NAME}"/></w:textInput>'),
    "status text": form_field(f'<w:statusText w:type="text" w:val="Fyll i för {NAME}"/>'),
    "help text": form_field(f'<w:helpText w:type="text" w:val="Fyll i för {NAME}"/>'),
    "entry of a drop-down field": form_field(f'<w:ddList><w:listEntry w:val="{NAME}"/></w:ddList>'),
    "title of a control": control(f'<w:alias w:val="Personnummer {NAME}"/>'),
    "item of a list, shown": control(
        f'<w:dropDownList><w:listItem w:displayText="{NAME}" w:value="1"/></w:dropDownList>'
    ),
    "item of a list, kept": control(f'<w:comboBox><w:listItem w:displayText="Dr" w:value="{NAME}"/></w:comboBox>'),
    "title of a section": control(f'<w15:repeatingSection><w15:sectionTitle w15:val="{NAME}"/></w15:repeatingSection>'),
    "tip of a link": f'<w:p><w:hyperlink w:anchor="a" w:tooltip="{NAME}"/></w:p>',
    "tip of a link of a shape": f'<w:p><w:r><w:drawing><a:hlinkClick tooltip="{NAME}"/></w:drawing></w:r></w:p>',
    "alternative text": run_of(f'<w:drawing><wp:inline><wp:docPr id="1" descr="{NAME}"/></wp:inline></w:drawing>'),
    "title of a picture": run_of(f'<w:drawing><wp:inline><wp:docPr id="1" title="{NAME}"/></wp:inline></w:drawing>'),
    "WordArt": run_of(f'<w:pict><v:shape><v:textpath string="{NAME}"/></v:shape></w:pict>'),
    "text box": run_of(
        f"<w:pict><v:textbox><w:txbxContent>{run_of(f'<w:t>{NAME}</w:t>')}</w:txbxContent></v:textbox></w:pict>"
    ),
    "reading aid": f"<w:p><w:r><w:t>Karin</w:t><w:ruby><w:rt><w:r><w:t>{NAME}</w:t></w:r></w:rt></w:ruby></w:r></w:p>",
    "hidden text": f"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{NAME}</w:t></w:r></w:p>",
    "inserted text": f'<w:p><w:ins w:id="1" w:author="{NAME}"><w:r><w:t>{NAME}</w:t></w:r></w:ins></w:p>',
    "moved text": f'<w:p><w:moveTo w:id="1" w:author="{NAME}"><w:r><w:t>{NAME}</w:t></w:r></w:moveTo></w:p>',
    "soft hyphen": run_of("<w:t>Lind</w:t><w:softHyphen/><w:t>qvist</w:t>"),
    "hyphen that does not break": run_of("<w:t>191212</w:t><w:noBreakHyphen/><w:t>1212</w:t>"),
    "letter as a symbol": run_of('<w:t>Lin</w:t><w:sym w:font="Arial" w:char="0064"/><w:t>qvist</w:t>'),
    "digit as a symbol": run_of('<w:t>191212-121</w:t><w:sym w:font="Symbol" w:char="F032"/>'),
    "after a symbol": run_of(f'<w:t>tel</w:t><w:sym w:font="Wingdings" w:char="F028"/><w:t>{NAME}</w:t>'),
    "code of a field in pieces": field(" QUOTE &quot;Lind", "qvist&quot; "),
    "code of a field in a field": f'<w:p><w:fldSimple w:instr=" IF {NAME} = x "/></w:p>',
    "spaces that do not break": run_of("<w:t>Karin&#160;Lindqvist</w:t>"),
    "text within a text": f"<w:p><w:r><w:t>Karin<w:t>{NAME}</w:t></w:t></w:r></w:p>",
    "both sides of an alternative": run_of(
        "<mc:AlternateContent><mc:Choice Requires='wps'><w:t>Karin</w:t></mc:Choice>"
        f"<mc:Fallback><w:t>{NAME}</w:t></mc:Fallback></mc:AlternateContent>"
    ),
}


@pytest.mark.parametrize("markup", READ.values(), ids=READ)
def test_what_word_shows_is_redacted(markup):
    text = everything(written(redact(word_file(body=markup))))
    assert NAME not in text
    assert "qvist" not in text
    assert "1212" not in text
    assert text.count("[NAME]") + text.count("[ID]") == 1


# what Word shows nobody, or not without a click: it goes, even where the text does not name the person
REMOVED = {
    "tag of a control": control(f'<w:tag w:val="patient_{NAME}"/>'),
    "link to data": control(f'<w:dataBinding w:xpath="/{NAME}" w:storeItemID="{{{NAME}}}"/>'),
    "date of a control": control(f'<w:date w:fullDate="{NAME}"/>'),
    "placeholder": control(f'<w:placeholder><w:docPart w:val="{NAME}"/></w:placeholder>'),
    "smart tag": f'<w:p><w:smartTag w:element="PersonName"><w:smartTagPr><w:attr w:name="n" w:val="Karin {NAME}"/>'
    "</w:smartTagPr></w:smartTag></w:p>",
    "custom markup": f'<w:customXml w:element="x"><w:customXmlPr><w:attr w:name="n" w:val="{NAME}"/></w:customXmlPr>'
    "</w:customXml>",
    "bookmark": f'<w:p><w:bookmarkStart w:id="1" w:name="{NAME}"/><w:bookmarkEnd w:id="1"/></w:p>',
    "link to a bookmark": f'<w:p><w:hyperlink w:anchor="{NAME}"/></w:p>',
    "name of a field": form_field(f'<w:name w:val="{NAME}"/>'),
    "merged field": field(f" MERGEFIELD {NAME} "),
    "merged field in pieces": field(" MERGE", f"FIELD {NAME}"),
    "property": field(f" DOCPROPERTY {NAME} "),
    "bar code": field(f" DISPLAYBARCODE {NUMBER} QR "),
    "address": field(f" HYPERLINK &quot;mailto:karin.{NAME}@example.se&quot; "),
    "address in pieces": field(" HYPERLINK &quot;mailto:karin.", f"{NAME}@example.se&quot; "),
    "address over another field": '<w:p><w:r><w:fldChar w:fldCharType="begin"/>'
    f"<w:instrText> HYPERLINK &quot;http://x/{NAME}&quot; </w:instrText>{SEPARATE}</w:r>{PAGE}<w:r>{END}</w:r></w:p>",
    "address with another field in it": '<w:p><w:r><w:fldChar w:fldCharType="begin"/>'
    f"<w:instrText> HYPERLINK {NAME} </w:instrText></w:r>{PAGE}<w:r>{END}</w:r></w:p>",
    "file": field(rf" INCLUDETEXT &quot;C:\\Users\\{NAME}\\x.docx&quot; "),
    "address, simple": f'<w:p><w:fldSimple w:instr=" HYPERLINK file:///{NAME} "/></w:p>',
    "data of a field": run_of(f'<w:fldChar w:fldCharType="begin"><w:fldData>{NAME}</w:fldData></w:fldChar>', END),
    "deleted text": f'<w:p><w:del w:id="1" w:author="{NAME}"><w:r><w:delText>{NAME}</w:delText></w:r></w:del></w:p>',
    "text that was moved away": f'<w:p><w:moveFromRangeStart w:id="1" w:name="{NAME}"/><w:moveFrom w:id="2"><w:r>'
    f'<w:t>{NAME}</w:t></w:r></w:moveFrom><w:moveFromRangeEnd w:id="1"/></w:p>',
    "who changed the layout": f'<w:p><w:pPr><w:pPrChange w:author="{NAME}"><w:pPr/></w:pPrChange></w:pPr></w:p>',
    "how it looked and was numbered before": '<w:p><w:pPr><w:pPrChange w:id="1" w:author=""><w:pPr>'
    f'<w:pStyle w:val="{NAME}"/></w:pPr></w:pPrChange><w:numPr><w:numberingChange w:original="1 {NAME}"/></w:numPr>'
    f'</w:pPr><w:r><w:rPr><w:rPrChange w:id="2"><w:rPr><w:rStyle w:val="{NAME}"/></w:rPr></w:rPrChange></w:rPr></w:r>'
    "</w:p>",
    "programs of a form": form_field(f'<w:entryMacro w:val="{NAME}"/><w:exitMacro w:val="{NAME}"/>'),
    "what was chosen last": control(f'<w:comboBox w:lastValue="{NAME}"/>'),
    "kind of a smart tag": f'<w:p><w:smartTag w:uri="urn:{NAME}" w:element="{NAME}"/></w:p>',
    "kind of custom markup": f'<w:customXml w:uri="urn:{NAME}" w:element="{NAME}"><w:p/></w:customXml>',
    "name of a shape": run_of(f'<w:pict><v:rect id="Rektangel {NAME}"/></w:pict>'),
    "who may edit": f'<w:p><w:permStart w:id="1" w:ed="{NAME}"/></w:p>',
    "link of a shape": run_of(f'<w:pict><v:shape href="mailto:{NAME}"/></w:pict>'),
    "copy of a shape": run_of(f'<w:pict><v:shape o:gfxdata="{NAME}"/></w:pict>'),
    "file of a picture": run_of(
        f'<w:pict><v:shape><v:imagedata src="{NAME}.png" o:title="{NAME}"/></v:shape></w:pict>'
    ),
    "name of a drawing": run_of(f'<w:drawing><wp:inline><wp:docPr id="1" name="{NAME}.png"/></wp:inline></w:drawing>'),
    "who is to sign": run_of(f'<w:pict><v:shape><o:signatureline o:suggestedsigner="{NAME}"/></v:shape></w:pict>'),
    "frame of a link": f'<w:p><w:hyperlink w:docLocation="{NAME}" w:tgtFrame="{NAME}"/></w:p>',
    "comment": f"<!-- {NAME} --><?x {NAME}?>",
}
REMOVED_SETTINGS = {
    "variable": f'<w:docVars><w:docVar w:name="{NAME}" w:val="{NUMBER}"/></w:docVars>',
    "mail merge": f'<w:mailMerge><w:query w:val="SELECT {NAME}"/></w:mailMerge>',
    "captions": f'<w:captions><w:caption w:name="{NAME}"/></w:captions>',
    "protection": f'<w:documentProtection w:hash="{NAME}" w:salt="{NAME}"/><w:writeProtection w:hash="{NAME}"/>',
    "schemas": f'<w:attachedSchema w:val="{NAME}"/><sl:schemaLibrary><sl:schema sl:uri="{NAME}"/></sl:schemaLibrary>',
    "smart tags": f'<w:smartTagType w:name="{NAME}" w:url="{NAME}"/>',
    "stylesheet": f'<w:saveThroughXslt w:solutionID="{NAME}"/>',
    "where it comes from": f'<w15:docId w15:val="{NAME}"/><w:rsids><w:rsid w:val="{NAME}"/></w:rsids>',
}


@pytest.mark.parametrize("markup", REMOVED.values(), ids=REMOVED)
def test_what_word_does_not_show_is_removed(markup):
    assert NAME not in everything(written(redact(word_file(body=markup))))


@pytest.mark.parametrize("markup", REMOVED_SETTINGS.values(), ids=REMOVED_SETTINGS)
def test_settings_that_may_name_somebody_are_removed(markup):
    text = everything(written(redact(word_file(settings=markup))))
    assert NAME not in text
    assert NUMBER not in text


def test_the_text_before_a_lists_numbers_is_read_and_the_lists_name_is_removed():
    files = unzipped(word_file())
    level = f'<w:name w:val="{NUMBER}"/><w:lvl w:ilvl="0"><w:lvlText w:val="{NAME} %1"/></w:lvl>'
    level = f'<w:abstractNum w:abstractNumId="99">{level}</w:abstractNum>'
    name = "word/numbering.xml"
    files[name] = files[name].replace(b"</w:numbering>", level.encode() + b"</w:numbering>")
    text = everything(written(redact(zipped(files))))
    assert 'w:val="[NAME] %1"' in text
    assert NUMBER not in text


def test_other_names_of_a_style_are_removed():
    style = f'<w:style w:type="paragraph" w:styleId="x"><w:name w:val="x"/><w:aliases w:val="{NAME}"/></w:style>'
    assert NAME not in everything(written(redact(word_file(styles=style))))


# of whom the text tells: what is neither read nor removed fails the file, and the message can say where
SEARCHED = {
    "style": ("styles", f'<w:style w:styleId="x"><w:name w:val="{NAME}"/></w:style>', "w:style/w:name, w:val"),
    "tail": ("body", f"<w:p/>{NAME}", "w:body/w:p"),
    "number among lengths": ("body", '<w:p><w:pPr><w:ind w:left="191212121212"/></w:pPr></w:p>', "w:pPr/w:ind, w:left"),
    "unknown element": ("body", f'<x:{NAME} xmlns:x="urn:x"/>', "w:body/another element"),
    "unknown attribute": ("body", f'<w:p xmlns:x="urn:x" x:{NAME}="1"/>', "w:body/w:p, another attribute"),
    "namespace": ("body", f'<w:p xmlns:x="urn:{NAME}"/>', "a namespace"),
    "font": ("body", f'<w:p><w:r><w:rPr><w:rFonts w:ascii="{NAME}"/></w:rPr></w:r></w:p>', "w:rPr/w:rFonts, w:ascii"),
    "choice": ("body", f'<w:p><w:pPr><w:jc w:val="{NAME}"/></w:pPr></w:p>', "w:pPr/w:jc, w:val"),
}  # fmt: skip


@pytest.mark.parametrize(("part", "markup", "place"), SEARCHED.values(), ids=SEARCHED)
def test_what_is_neither_read_nor_removed_is_searched(part, markup, place):
    data = word_file(NOTE, **{part: markup})
    ((_, reason),) = redact(data).failed
    assert SURVIVES[:20] in reason
    (document,) = DocxFormat().open(data).documents
    beside = [each for each in document.beside if NAME in each.text or "191212121212" in each.text]
    assert [each.place.endswith(place) for each in beside] == [True]
    assert NAME not in beside[0].place


def test_what_is_shown_once_deleted_text_is_gone_is_read_in_a_row():
    deleted = '<w:del w:id="1"><w:r><w:delText>x</w:delText></w:r></w:del>'
    changed = f"<w:p><w:r><w:t>Lind</w:t></w:r>{deleted}<w:r><w:t>qvist</w:t></w:r></w:p>"
    assert "[NAME]" in everything(written(redact(word_file(body=changed))))


@pytest.mark.parametrize("word", ["Roman", "Georgia", "Strong", "Black", "Title", "Max", "Left"])
def test_what_word_itself_says_in_every_file_names_nobody(word):
    """A Roman or a Georgia in the note must not fail it because of a font or a style."""
    document = docx.Document()
    document.add_paragraph(word, style="Title").alignment = 0
    document.paragraphs[0].runs[0].font.name = "Georgia"
    (opened,) = DocxFormat().open(saved(document)).documents
    assert [each for each in opened.beside if word.casefold() in each.text.casefold().split()] == []


def test_links_within_a_document_still_lead_where_they_led():
    body = (
        '<w:p><w:bookmarkStart w:id="1" w:name="Karin_prov"/><w:bookmarkEnd w:id="1"/><w:bookmarkStart w:id="2" '
        'w:name="_Toc460324443"/><w:bookmarkEnd w:id="2"/><w:hyperlink w:anchor="KARIN_PROV"/></w:p>'
        + field(" REF Karin_prov \\h ")
        + field(" PAGEREF _Toc460324443 \\h ")
        + field(" HYPERLINK \\l &quot;Karin_prov&quot; ")
    )
    text = everything(written(redact(word_file(body=body))))
    assert text.count('"bookmark1"') == 3
    assert " REF bookmark1 \\h " in text
    assert text.count("_Toc2") == 2
    assert "Karin" not in text


def test_the_result_of_a_field_stays_where_its_code_goes():
    simple = '<w:p><w:fldSimple w:instr=" MERGEFIELD Namn "><w:r><w:t>Resultat 1</w:t></w:r></w:fldSimple></w:p>'
    begun = '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText> MERGEFIELD Namn </w:instrText></w:r>'
    shown = f'<w:r><w:fldChar w:fldCharType="separate"/><w:t>Resultat 2</w:t>{END}</w:r>'
    text = everything(written(redact(word_file(body=f"{simple}<w:p>{begun}{shown}</w:p>"))))
    assert ("Resultat 1" in text, "Resultat 2" in text, "MERGEFIELD" in text) == (True, True, False)


def test_what_is_in_custom_markup_and_smart_tags_stays():
    tag = '<w:smartTag w:uri="urn:x" w:element="metricconverter"><w:r><w:t>5 mg</w:t></w:r></w:smartTag>'
    body = f'<w:customXml w:uri="urn:x" w:element="dos"><w:p><w:r><w:t>Dos: </w:t></w:r>{tag}</w:p></w:customXml>'
    after = docx.Document(io.BytesIO(written(redact(word_file(body=body)))))
    assert after.paragraphs[-1].text == "Dos: 5 mg"


def test_shapes_keep_what_they_refer_to_each_other_by():
    shapes = '<v:shapetype id="_x0000_t136"/><v:shape id="PowerPlusWaterMarkObject357" type="#_x0000_t136"/>'
    text = everything(written(redact(word_file(body=run_of(f'<w:pict>{shapes}<v:rect id="_x0000_s1026"/></w:pict>')))))
    for kept in ('id="_x0000_t136"', 'id="PowerPlusWaterMarkObject1"', 'type="#_x0000_t136"', 'id="_x0000_s1026"'):
        assert kept in text


def full_document() -> "docx.document.Document":
    document = docx.Document()
    document.add_heading("Besök", 1)
    paragraph = document.add_paragraph("Blodtryck  120/80, ")
    paragraph.add_run("puls 72").bold = True
    paragraph.add_run("\tlugn.\nNy rad ")
    document.add_paragraph("Ett", style="List Bullet")
    document.add_table(1, 2, style="Light List Accent 1").cell(0, 1).text = "CRP 12"
    document.sections[0].header.paragraphs[0].text = "Vårdcentralen"
    document.add_comment([paragraph.runs[0]], text="Följ upp")
    return document


def test_without_identifiers_text_and_layout_stay_as_they_are():
    before = full_document()
    data = saved(before)
    after = docx.Document(io.BytesIO(written(redact(data))))
    for old, new in zip(before.paragraphs, after.paragraphs, strict=True):
        assert old.text == new.text
        assert old.style.name == new.style.name
        assert [(run.text, run.bold) for run in old.runs] == [(run.text, run.bold) for run in new.runs]
    assert after.tables[0].cell(0, 1).text == "CRP 12"
    assert after.tables[0].style.name == "Light List Accent 1"
    assert after.sections[0].header.paragraphs[0].text == "Vårdcentralen"
    assert {style.name for style in before.styles} == {style.name for style in after.styles}
