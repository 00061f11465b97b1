"""FHIR resources redacted by `apply` with the rules alone, and their attachments decoded."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spacy.language import Language

from spacy_deid.apply.run import apply
from spacy_deid.apply.settings import Settings
from spacy_deid.lang.tokenization import fine_blank

KNOWN_TO_THE_MODEL = ("Åsa", "Öberg", "Zutana")


def pipeline(lang: str = "sv") -> Language:
    """Return the rules of a language, after a stand-in for a model that knows a few names."""
    nlp = fine_blank(lang)
    names = [{"label": "NAME", "pattern": [{"ORTH": word}]} for word in KNOWN_TO_THE_MODEL]
    nlp.add_pipe("entity_ruler").add_patterns(names)
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    return nlp


def redacted(nlp: Language, folder: Path, resource: Mapping[str, Any], **settings: Any) -> tuple[str, str]:
    """Return the text that `apply` wrote of a resource, and why it failed; one of them is ""."""
    source, out = folder / "resource.json", folder / "out.json"
    source.write_text(json.dumps(resource), "utf8")
    out.unlink(missing_ok=True)
    summary = apply(nlp, source, out, Settings(**settings), quiet=True)
    return (out.read_text("utf8") if out.exists() else ""), "".join(each.reason for each in summary.failed)


def document(data: bytes, content_type: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a DocumentReference with an attachment."""
    attachment = {"contentType": content_type, "data": base64.b64encode(data).decode("ascii"), **more}
    if content_type is None:
        del attachment["contentType"]
    return {"resourceType": "DocumentReference", "status": "current", "content": [{"attachment": attachment}]}


def attachment_of(written: str) -> tuple[dict[str, Any], bytes]:
    """Return the attachment of what `document` became, and its bytes."""
    attachment = json.loads(written)["content"][0]["attachment"]
    return attachment, base64.b64decode(attachment["data"])


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    """Return a Bundle of resources."""
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in resources]}


def about(**subject: Any) -> dict[str, Any]:
    """Return an Observation of a subject."""
    return {"resourceType": "Observation", "subject": subject}
