"""Word files of invented notes, with markup and parts in any place."""

import io
import re
import zipfile
from collections.abc import Mapping
from functools import cache

import docx
from spacy.language import Language

from spacy_deid.apply.formats.docx import DocxFormat
from spacy_deid.apply.settings import Settings, redactor
from spacy_deid.apply.unit import Outcome, Unit, process
from spacy_deid.lang.tokenization import fine_blank

NAME, NUMBER = "Lindqvist", "191212-1212"
NOTE = f"Besök av Karin {NAME}, {NUMBER}. {NAME} mår bra."
PATTERNS = [
    {"label": "NAME", "pattern": [{"ORTH": "Karin"}, {"ORTH": NAME}]},
    {"label": "NAME", "pattern": [{"ORTH": NAME}]},
    {"label": "ID", "pattern": [{"ORTH": "191212"}, {"ORTH": "-"}, {"ORTH": "1212"}]},
]

NAMESPACES = {
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "sl": "http://schemas.openxmlformats.org/schemaLibrary/2006/main",
    "w15": "http://schemas.microsoft.com/office/word/2012/wordml",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
}
STYLES = (
    b'<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:type="paragraph" '
    b'w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style></w:styles>'
)
CONTENT_TYPES, RELATIONS, MAIN = "[Content_Types].xml", "word/_rels/document.xml.rels", "word/document.xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

Part = tuple[str, str, str]  # content type, kind of relation, text


def word_file(
    note: str = "", body: str = "", *, settings: str = "", styles: str = "", parts: Mapping[str, Part] | None = None
) -> bytes:
    """Return a Word file with a note, and markup at the end of its body, its settings and its styles.

    parts: further ones of the main part, or of the package where the name begins with "/".
    """
    document = docx.Document()
    if note:
        document.add_paragraph(note)
    files = unzipped(saved(document))
    files["word/styles.xml"] = STYLES  # python-docx's own takes most of the time
    _declare(files, MAIN)
    _declare(files, "word/settings.xml")
    _insert(files, MAIN, body, "<w:sectPr")
    _insert(files, "word/settings.xml", settings, "</w:settings>")
    _insert(files, "word/styles.xml", styles, "</w:styles>")
    for number, (name, (content_type, relation, text)) in enumerate((parts or {}).items()):
        path = name.removeprefix("/")
        files[path] = text.encode("utf8")
        override = f'<Override PartName="/{path}" ContentType="{content_type}"/>'
        _insert(files, CONTENT_TYPES, override, "</Types>")
        link = f'<Relationship Id="rIdPart{number}" Type="{relation}" Target="/{path}"/>'
        _insert(files, "_rels/.rels" if name.startswith("/") else RELATIONS, link, "</Relationships>")
    return zipped(files)


def redact(data: bytes) -> Outcome:
    """Redact a Word file with a stand-in that finds a name and a number, in any text."""
    with redactor(_pipeline(), Settings()) as stand_in:
        (outcome,) = process([Unit("a.docx", data, DocxFormat())], stand_in)
    return outcome


def written(outcome: Outcome) -> bytes:
    assert outcome.failed == []
    assert outcome.data is not None
    return outcome.data


def saved(document: "docx.document.Document") -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return stream.getvalue()


def everything(data: bytes) -> str:
    """Return all contents of a Word file: the names and bytes of its parts, with character references resolved."""
    text = "\n".join(name + content.decode("utf8", "replace") for name, content in unzipped(data).items())
    return re.sub(r"&#(x[\da-fA-F]+|\d+);", lambda found: chr(int(f"0{found[1]}", 16 if "x" in found[1] else 10)), text)


def _declare(files: dict[str, bytes], name: str) -> None:
    """Declare the prefixes that markup may have."""
    missing = [f'xmlns:{key}="{uri}"' for key, uri in NAMESPACES.items() if f"xmlns:{key}=".encode() not in files[name]]
    files[name] = files[name].replace(b" xmlns:w=", f" {' '.join(missing)} xmlns:w=".encode(), 1)


def _insert(files: dict[str, bytes], name: str, markup: str, before: str) -> None:
    place = before.encode()
    assert files[name].count(place) == 1, name
    files[name] = files[name].replace(place, markup.encode("utf8") + place)


@cache
def _pipeline() -> Language:
    nlp = fine_blank("sv")
    nlp.add_pipe("entity_ruler").add_patterns(PATTERNS)
    return nlp
