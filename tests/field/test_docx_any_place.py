"""A value that is redacted in the text of a Word file is nowhere in the written file."""

import io
import os
import random
import re

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from test_docx import READ, REMOVED, REMOVED_SETTINGS
from test_docx_parts import REMOVED_PARTS
from word_files import NAME, NOTE, NUMBER, OFFICE, everything, redact, saved, unzipped, word_file, written, zipped


def everything_at_once() -> dict[str, bytes]:
    """Return the entries of a Word file with nearly everything that one can contain, and a name only in its note."""
    body = re.sub(f"Karin|{NAME}|qvist|1212", "x", "".join([*READ.values(), *REMOVED.values()]))
    kept = {key: part for key, part in REMOVED_PARTS.items() if part[2]}
    parts = {name: (kind, f"{OFFICE}/{relation}", "<x>y</x>") for name, kind, relation in kept.values()}
    document = docx.Document(
        io.BytesIO(
            word_file(body=body.replace("<x:x", "<x:y"), settings="".join(REMOVED_SETTINGS.values()), parts=parts)
        )
    )
    paragraph = document.add_paragraph(NOTE)
    document.add_comment([paragraph.runs[0]], text="Följ upp", author="x", initials="x")
    document.sections[0].header.paragraphs[0].text = "x"
    document.sections[0].footer.paragraphs[0].text = "x"
    document.part.relate_to("mailto:x", f"{OFFICE}/hyperlink", is_external=True)
    return unzipped(saved(document))


EXAMPLES = int(os.environ.get("SPACY_DEID_EXAMPLES", "25"))
FILES = everything_at_once()
XML_FILES = sorted(name for name, data in FILES.items() if data.lstrip().startswith(b"<"))


def plant(root: "etree._Element", value: str, choose: random.Random) -> None:
    """Put a value into a text, a tail, an attribute or a comment somewhere in an XML file."""
    element = choose.choice([each for each in root.iter() if isinstance(each.tag, str)])
    kind = choose.choice(["text", "tail", "attribute", "attribute", "attribute", "new attribute", "comment", "element"])
    if kind == "attribute" and element.attrib:
        name = choose.choice(sorted(element.attrib))
        element.set(name, choose.choice([value, f"{element.get(name)} {value}", f"x-{value}.y"]))
    elif kind == "text" or element is root:
        element.text = value
    elif kind == "tail":
        element.tail = f"{element.tail or ''} {value} "
    elif kind == "comment":
        element.append(etree.Comment(value))
    elif kind == "element":
        etree.SubElement(element, element.tag).text = value
    else:
        element.set(choose.choice(["name", "title", "value", "{urn:x}y"]), value)


def planted(name: str, value: str, choose: random.Random) -> bytes:
    root = etree.fromstring(FILES[name])
    plant(root, value, choose)
    encoding = choose.choice(["UTF-8", "ASCII", "UTF-16"])  # ASCII: with references for all else
    return zipped(FILES | {name: etree.tostring(root, encoding=encoding, xml_declaration=True)})


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@given(st.sampled_from(XML_FILES), st.sampled_from([NAME, f"Karin {NAME}", NUMBER]), st.integers(0, 2**32))
def test_a_value_that_the_note_has_stands_nowhere_in_a_file_that_is_written(name, value, seed):
    """SPACY_DEID_EXAMPLES=5000 tries more."""
    outcome = redact(planted(name, value, random.Random(seed)))
    if outcome.data is not None and not outcome.failed:
        text = everything(outcome.data)
        assert NAME.casefold() not in text.casefold()
        assert NUMBER not in text


def test_the_file_with_everything_is_redacted_and_not_refused():
    text = everything(written(redact(zipped(FILES))))
    assert "Besök av [NAME], [ID]. [NAME] mår bra." in text
