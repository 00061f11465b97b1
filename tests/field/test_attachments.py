"""Attachments of FHIR resources: any content type is read, or the resource is refused with the place in the message.

The promise: "Attachments are read as what their bytes are, or their resource fails". Persons and numbers are invented.
"""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from fhir_files import attachment_of, document, pipeline, redacted
from spacy.language import Language

PLACE = "content[0].attachment.data: "


@pytest.fixture(scope="module")
def nlp() -> Language:
    return pipeline()


@pytest.mark.parametrize(
    ("content_type", "text", "masked"),
    [
        # references for letters, an element within a number
        (
            "text/html",
            "<p>Pat &Aring;sa &Ouml;berg, 1912<b>1212</b>-1212</p>",
            "<p>Pat [NAME], [ID]<b></b></p>",
        ),
        ("text/html", "<p>Zut<i>a</i>na m&#229;r bra &amp; &auml;ter</p>", "<p>[NAME]<i></i> mår bra &amp; äter</p>"),
        ("text/html", "<p>Zut<font color='red'>ana</font></p>", "<p>[NAME]<font color='red'></font></p>"),
        ("text/html", "<p>Zut<!-- x -->ana</p>", "<p>[NAME]<!-- x --></p>"),
        ("text/html", "<p>Zut<span title='Hb 120'>ana</span></p>", "<p>[NAME]<span title='Hb 120'></span></p>"),
        # what nobody sees as text
        (
            "text/html",
            '<img alt="Zutana"><input value="Zutana" placeholder=Zutana>',
            '<img alt="[NAME]"><input value="[NAME]" placeholder="[NAME]">',
        ),
        (
            "text/html",
            '<html><head><title>Zutana</title><meta name="author" content="Zutana"></head></html>',
            '<html><head><title>[NAME]</title><meta name="author" content="[NAME]"></head></html>',
        ),
        (
            "text/html",
            "a<script>name = 'Zut' + 'ana'</script>b<style>.Zutana {}</style>",
            "a<script></script>b<style></style>",
        ),
        ("text/html", "a<script>Zutana", "a<script>"),
        ("text/html", "a<p title='Zutana", "a&lt;p title='[NAME]"),
        ("text/html", "a<!-- <b>Zut</b>ana -->b<!-- Zutana -->", "ab<!-- [NAME] -->"),
        ("text/html", '<a onclick="f(\'Zutana\')" href="javascript:Zutana">x</a>', '<a onclick="" href="">x</a>'),
        ("text/html", '<img src="data:image/png;base64,iVBORw0KGgo="> Zutana', '<img src=""> [NAME]'),
        ("text/html", '<iframe srcdoc="&lt;b&gt;Zut&lt;/b&gt;ana"></iframe>', '<iframe srcdoc=""></iframe>'),
        # the type is missing, or another one
        (None, "<p>&Aring;sa</p>", "<p>[NAME]</p>"),
        ("text/plain", "<p>Zut<b>ana</b></p>", "<p>[NAME]<b></b></p>"),
        ("text/plain", "&Aring;sa kom, 3 &lt; 5", "[NAME] kom, 3 &lt; 5"),
        ("text/html", "Zutana, Hb < 120 & CRP > 5", "[NAME], Hb &lt; 120 &amp; CRP &gt; 5"),
        ("TEXT/HTML ; charset=utf-8", "<p>&Aring;sa</p>", "<p>[NAME]</p>"),
        (
            "application/xhtml+xml",
            "<html><body><p>&#xC5;sa</p></body></html>",
            "<html><body><p>[NAME]</p></body></html>",
        ),
        ("text/plain", "Zutana, Hb < 120 & CRP > 5, <10", "[NAME], Hb < 120 & CRP > 5, <10"),
        ("text/markdown", "# Zutana\n\n* Hb 120", "# [NAME]\n\n* Hb 120"),
        ("text/plain", "", ""),
    ],
)
def test_text_and_html_are_read_by_their_bytes(
    nlp: Language, tmp_path: Path, content_type: str | None, text: str, masked: str
) -> None:
    written, reason = redacted(nlp, tmp_path, document(text.encode(), content_type))
    assert reason == ""
    assert attachment_of(written)[1].decode() == masked


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("", "utf-8"),
        ("; charset=UTF-8", "utf-8-sig"),
        ("; charset=iso-8859-1", "latin-1"),
        ('; charset="Windows-1252"', "cp1252"),
        ("; charset=utf-16", "utf-16"),
        ("; charset=utf-16le", "utf-16-le"),
        ("", "utf-16"),
        ("; charset=iso-8859-1", "utf-8"),  # the bytes say so
    ],
)
def test_a_charset_is_believed_where_the_bytes_agree(
    nlp: Language, tmp_path: Path, charset: str, encoding: str
) -> None:
    written, reason = redacted(nlp, tmp_path, document("Åsa mår bra".encode(encoding), f"text/plain{charset}"))
    assert reason == ""
    assert attachment_of(written)[1].decode(encoding) == "[NAME] mår bra"


def test_a_page_may_name_its_charset_itself(nlp: Language, tmp_path: Path) -> None:
    page = '<html><head><meta charset="iso-8859-1"></head><body>Åsa mår bra</body></html>'
    written, _ = redacted(nlp, tmp_path, document(page.encode("latin-1"), "text/html"))
    assert attachment_of(written)[1] == page.replace("Åsa", "[NAME]").encode("latin-1")


@pytest.mark.parametrize(
    ("content_type", "data", "kind"),
    [
        ("application/rtf", rb"{\rtf1\ansi Pat \'c5sa \u214?berg}", "content type"),
        ("text/rtf", rb"{\rtf1 \'c5sa}", "content type"),
        ("text/plain", rb"{\rtf1\ansi Pat \'c5sa}", "RTF"),
        (None, rb"  {\rtf1\ansi Pat \'c5sa}", "RTF"),
        ("text/html", rb"{\rtf1\ansi Pat \'c5sa}", "RTF"),
        ("application/xml", b"<a>Zutana</a>", "content type"),
        ("text/xml", b"<?xml version='1.0'?><ClinicalDocument/>", "content type"),
        ("application/hl7-cda+xml", b"<ClinicalDocument/>", "content type"),
        ("text/plain", b"<?xml version='1.0'?><ClinicalDocument><given>Zutana</given></ClinicalDocument>", "XML"),
        ("text/html", b"<!-- x --><patient><given>Zutana</given></patient>", "XML"),
        ("text/html", b"<!DOCTYPE html [<!ENTITY x 'Zutana'>]><p>&x;</p>", "entities"),
        ("application/pdf", b"%PDF-1.4", "content type"),
        ("text/plain", b"%PDF-1.4", "PDF"),
        ("image/png", b"\x89PNG\r\n\x1a\n\0", "content type"),
        (None, b"\x89PNG\r\n\x1a\n\0", "not text"),
        ("text/plain", b"PK\x03\x04", "not text"),
        ("text/plain", "Zutana".encode("utf-16-le"), "not text"),
        ("text/plain", "Åsa".encode("latin-1"), "not text in utf-8"),
        ("text/plain; charset=ascii", "Åsa".encode("latin-1"), "not text in ascii"),
        ("text/plain; charset=utf-7", b"+AMU-sa", "charset"),
        ("text/plain; charset=punycode", b"sa-cia", "charset"),
        ("application/json", b'{"name": "\\u00c5sa"}', "content type"),
        ("text/plain", b'{"name": "\\u00c5sa"}', "JSON"),
        ("text/plain", b"MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\n=C5sa", "MIME"),
        ("text/plain", b"Pat =C3=85sa", "escapes"),
        ("text/plain", b"Pat %C3%85sa", "escapes"),
        ("text/plain", b"Pat \\u00c5sa", "escapes"),
        ("text/plain", b"MSH|^~\\&|A|B\rPID|||1||Zutana", "HL7"),
        ("text/plain", b"BEGIN:VCARD\nFN:Zutana", "vCard"),
        ("text/plain", base64.b64encode("Åsa Öberg mår bra".encode()), "encoded twice"),
        ("multipart/mixed", b"Zutana", "content type"),
        ("nonsense", b"Zutana", "content type"),
    ],
)
def test_what_is_not_read_is_refused_with_its_place(
    nlp: Language, tmp_path: Path, content_type: str | None, data: bytes, kind: str
) -> None:
    written, reason = redacted(nlp, tmp_path, document(data, content_type))
    assert written == ""
    assert reason.startswith(PLACE)
    assert kind in reason
    assert "Remedy: " in reason
    assert "Zutana" not in reason


def test_what_is_no_base64_is_refused_with_its_place(nlp: Language, tmp_path: Path) -> None:
    resource = document(b"")
    resource["content"][0]["attachment"]["data"] = "Zutana*"
    assert redacted(nlp, tmp_path, resource)[1].startswith(f"{PLACE}an attachment that is not base64")


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Binary", "contentType": "text/plain", "data": "WnV0YW5h"},
        {"resourceType": "Binary", "contentType": "text/plain", "content": "WnV0YW5h"},  # STU3
        {
            "resourceType": "Communication",
            "payload": [{"contentAttachment": {"contentType": "text/html", "data": "WnV0YW5h"}}],
        },
        {"resourceType": "Media", "content": {"contentType": "text/plain", "data": "WnV0YW5h"}},
        {"resourceType": "DiagnosticReport", "presentedForm": [{"contentType": "text/plain", "data": "WnV0\nYW5h"}]},
        {"resourceType": "Basic", "extension": [{"url": "http://x/y", "valueBase64Binary": "WnV0YW5h"}]},
        {"resourceType": "Basic", "extension": [{"url": "http://x/y", "valueAttachment": {"data": "WnV0YW5h"}}]},
    ],
    ids=lambda resource: resource["resourceType"],
)
def test_attachments_are_read_wherever_they_stand(nlp: Language, tmp_path: Path, resource: dict[str, object]) -> None:
    written, reason = redacted(nlp, tmp_path, resource)
    assert reason == ""
    assert base64.b64encode(b"[NAME]").decode() in written
    assert base64.b64encode(b"Zutana").decode() not in written


def test_hash_and_size_are_those_of_what_is_written(nlp: Language, tmp_path: Path) -> None:
    """On the hash of the original, personnummer can be tried."""
    original = b"Zutana, 19121212-1212"
    digest = base64.b64encode(hashlib.sha1(original, usedforsecurity=False).digest()).decode()
    written, _ = redacted(nlp, tmp_path, document(original, "text/plain", hash=digest, size=len(original)))
    attachment, data = attachment_of(written)
    assert attachment["hash"] == base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
    assert attachment["size"] == len(data)


def test_the_hash_of_what_is_not_there_is_removed(nlp: Language, tmp_path: Path) -> None:
    attachment = {"url": "http://x.example/a", "hash": "2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "size": 20}
    written, _ = redacted(nlp, tmp_path, {"resourceType": "Media", "content": attachment})
    content = json.loads(written)["content"]
    assert "hash" not in content
    assert content["_hash"]["extension"][0]["valueCode"] == "masked"
    assert content["size"] == 20


def test_what_names_nobody_stays_byte_by_byte(nlp: Language, tmp_path: Path) -> None:
    resource = document(b"<p>Hb&nbsp;120, m&aring;r bra<br/></p>", "text/html", hash="x", size=3)
    assert redacted(nlp, tmp_path, resource)[0] == json.dumps(resource)


@pytest.mark.parametrize(
    ("resource", "element"),
    [
        (
            {"resourceType": "Patient", "photo": [{"contentType": "image/png", "data": "iVBORw0KGgo=", "hash": "x"}]},
            "photo",
        ),
        (
            {"resourceType": "Provenance", "signature": [{"sigFormat": "application/jose", "data": "WnV0YW5h"}]},
            "signature",
        ),
        ({"resourceType": "Contract", "valueSignature": [{"data": "WnV0YW5h"}]}, "valueSignature"),
    ],
)
def test_photos_and_signatures_are_removed(
    nlp: Language, tmp_path: Path, resource: dict[str, object], element: str
) -> None:
    written, reason = redacted(nlp, tmp_path, resource)
    assert reason == ""
    left = json.loads(written)[element][0]
    assert "data" not in left
    assert "hash" not in left
    assert left["_data"]["extension"][0]["valueCode"] == "masked"


def test_data_that_is_samples_stays(nlp: Language, tmp_path: Path) -> None:
    samples = {"origin": {"value": 0}, "period": 10, "dimensions": 1, "data": "E 1500 2000 U -3.50"}
    resource = {"resourceType": "Observation", "valueSampledData": samples}
    assert redacted(nlp, tmp_path, resource)[0] == json.dumps(resource)


@pytest.mark.parametrize(
    "technical",
    [
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">',
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1.0">',
        '<meta http-equiv="X-UA-Compatible" content="IE=edge">',
        '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns="http://www.w3.org/TR/REC-html40">',
    ],
)
def test_what_a_page_says_of_itself_is_no_text(tmp_path, technical):
    """Any model may take "text/html" for a name; a page without its charset shows wrong letters."""
    nlp = pipeline()
    nlp.get_pipe("entity_ruler").add_patterns(
        [{"label": "NAME", "pattern": [{"LOWER": word}]} for word in ("text", "html", "width", "edge", "urn", "office")]
    )
    text, reason = redacted(nlp, tmp_path, document(f"{technical}<p>Zutana kom</p>".encode(), "text/html"))
    assert reason == ""
    assert attachment_of(text)[1].decode() == f"{technical}<p>[NAME] kom</p>"
