"""Random FHIR resources with a known person in random places and notations.

The promise: exit status 0 means that no value of a person named in the resource is in the output, including its
attachments, references and escapes. SPACY_DEID_EXAMPLES is the number of resources.
"""

import base64
import html
import json
import os
import re
from typing import Any
from urllib.parse import quote, unquote

import pytest
from fhir_files import pipeline
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_deid.apply.formats.fhir import FhirFormat
from spacy_deid.apply.redactor import Redactor
from spacy_deid.apply.unit import Unit, process
from spacy_deid.redact.component import DeidRedact
from spacy_deid.redact.policy import policy_of

FAMILY, GIVEN, NUMBER = "Quårvellin", "Zorabeth", "19121212-1212"
SECRETS = (FAMILY.casefold(), GIVEN.casefold(), NUMBER.replace("-", ""))
WORDS = st.sampled_from(["Hb 120", "mår bra", "ringer", "kl 10", "2023", "P-glukos < 7", "och", "1500", "& åter"])
VALUES = st.sampled_from(
    [
        FAMILY,
        GIVEN,
        f"{GIVEN} {FAMILY}",
        f"{FAMILY}, {GIVEN}",
        FAMILY.upper(),
        NUMBER,
        NUMBER.replace("-", ""),
        NUMBER[2:],
    ]
)
CHARSETS = st.sampled_from(["utf-8", "iso-8859-1", "windows-1252", "utf-16", "utf-8-sig"])
REDACTOR = Redactor(
    pipeline(), DeidRedact("redact", policy=policy_of("mask"), key=bytes(32), scope="document", lang="sv")
)


@st.composite
def sentences(draw: st.DrawFn) -> str:
    """Draw a text, with or without the person."""
    return " ".join(draw(st.lists(WORDS | VALUES, min_size=1, max_size=4)))


@st.composite
def markup(draw: st.DrawFn) -> str:
    """Draw HTML in which letters may be references, and elements, comments and attributes stand anywhere."""
    pieces = draw(
        st.lists(st.sampled_from(["<br/>", "<p>", "</p>"]) | sentences().flatmap(spelled), min_size=1, max_size=4)
    )
    attribute = draw(sentences())
    name = draw(st.sampled_from(["title", "alt", "data-x", "class", "href", "onclick", "style"]))
    hidden = draw(
        st.sampled_from(["<!-- {} -->", "<script>{}</script>", "<style>{}</style>", "<b>{}</b>", "<!--<i>{}</i>-->"])
    )
    head = f'<span {name}="{html.escape(attribute)}">x</span> ' + hidden.format(html.escape(draw(sentences())))
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{" ".join(pieces)} {head}</div>'


def spelled(text: str) -> st.SearchStrategy[str]:
    """Draw how a text is written in HTML."""
    return st.lists(st.integers(0, 6), min_size=len(text), max_size=len(text)).map(
        lambda ways: "".join(_letter(letter, way) for letter, way in zip(text, ways, strict=True))
    )


def _letter(letter: str, way: int) -> str:
    spellings = [
        f"&#{ord(letter)};",
        f"&#x{ord(letter):x};",
        f"<b>{html.escape(letter)}</b>",
        f"<i></i>{html.escape(letter)}",
    ]
    return spellings[way] if way < len(spellings) and not letter.isspace() else html.escape(letter)


@st.composite
def attachments(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an Attachment whose content type may say what it is not."""
    text, charset = draw(sentences() | markup()), draw(CHARSETS)
    named = draw(st.sampled_from(["", f"; charset={charset}", "; charset=iso-8859-1"]))
    kind = draw(st.sampled_from(["text/plain", "text/html", "application/rtf", "application/xml", ""]))
    data = base64.b64encode(text.encode(charset, "xmlcharrefreplace")).decode("ascii")
    return {"contentType": f"{kind}{named}", "data": data, "title": draw(sentences()), "hash": "x", "size": 1}


@st.composite
def links(draw: st.DrawFn) -> str:
    """Draw a URL or a reference."""
    begins = st.sampled_from(
        ["Patient/", "https://x.example/Patient/", "#", "urn:personnummer:", "Patient?identifier=s|", ""]
    )
    value = draw(VALUES | st.just("p1"))
    return (
        draw(begins)
        + draw(st.sampled_from([value, quote(value), quote(value).replace("-", "%2D")]))
        + draw(st.sampled_from(["", "/_history/2", "|1.0", ".pdf"]))
    )


MEMBERS = (
    st.tuples(
        st.sampled_from(["valueString", "display", "comment", "description", "title", "status", "code"]), sentences()
    )
    | st.tuples(st.just("system"), st.just("http://loinc.org"))
    | st.tuples(st.sampled_from(["id", "reference", "url", "fullUrl", "valueUri", "system", "linkId"]), links())
    | st.tuples(st.just("div"), markup())
    | st.tuples(st.sampled_from(["valueString", "valueMarkdown"]), sentences().flatmap(spelled))
    | st.tuples(st.sampled_from(["attachment", "photo", "valueAttachment", "signature"]), attachments())
    | st.tuples(
        st.sampled_from(["birthDate", "issued", "valueString"]), st.sampled_from(["1957", "2019-04", "2019-04-12"])
    )
    | st.tuples(st.sampled_from(["value", "valueInteger"]), st.integers(0, 300))
)
OBJECTS = st.recursive(
    st.lists(MEMBERS, min_size=1, max_size=3).map(dict),
    lambda inner: st.dictionaries(
        st.sampled_from(["extension", "contained", "item", "note", "subject", "_birthDate", "entry", "Å E"]),
        inner | st.lists(inner, max_size=2),
        min_size=1,
        max_size=3,
    ),
    max_leaves=8,
)


@pytest.mark.slow
@settings(max_examples=int(os.environ.get("SPACY_DEID_EXAMPLES", "60")))
@given(content=st.lists(OBJECTS, min_size=1, max_size=3), is_escaped=st.booleans())
def test_nothing_of_a_known_person_is_written(content: list[dict[str, Any]], is_escaped: bool) -> None:
    resource = {
        "resourceType": "Patient",
        "name": [{"family": FAMILY, "given": [GIVEN]}],
        "identifier": [{"value": NUMBER}],
        "extension": content,
    }
    data = json.dumps(resource, ensure_ascii=is_escaped).encode()
    (outcome,) = process([Unit("a.json", data, FhirFormat())], REDACTOR)
    assert (outcome.data is None) == bool(outcome.failed)
    assert not any(secret in reason.casefold() for _, reason in outcome.failed for secret in SECRETS)
    if outcome.data is not None:
        seen = " ".join(_seen(text) for text in _strings(json.loads(outcome.data)))
        assert [secret for secret in SECRETS if secret in seen or secret in re.sub(r"[\W_]", "", seen)] == []


def _strings(value: Any) -> list[str]:
    """Return every key, string and number, and what base64 holds in each charset."""
    if isinstance(value, dict):
        return [text for key, each in value.items() for text in (key, *_strings(each))]
    if isinstance(value, list):
        return [text for each in value for text in _strings(each)]
    text = str(value)
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return [text]
    return [text, *(raw.decode(charset, "replace") for charset in ("utf-8", "cp1252", "utf-16"))]


def _seen(text: str) -> str:
    """Return what a reader may see of a string, with its markup and without."""
    shown = html.unescape(html.unescape(unquote(text)))
    return " ".join([shown, html.unescape(re.sub("<!--.*?-->|<[^<>]*>", "", text))]).casefold()
