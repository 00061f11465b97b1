"""The review page: one HTML file that needs nothing but a browser."""

import base64
import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from spacy_deid.labels import categories, category_of
from spacy_deid.pages import read_template
from spacy_deid.review.notes import ReviewNote

SCRIPTS = ("text.js", "store.js", "view.js", "main.js", "select.js", "keys.js")
_FOLDER = files("spacy_deid.review").joinpath("page")


def review_page(notes: Sequence[ReviewNote]) -> str:
    """Return the page on which reviewers decide about the spans of ``notes``.

    It refers to nothing outside itself. Its content security policy names its own script and style by their hashes, and
    forbids the browser to fetch or send anything, or to run a script in a note.
    """
    script = '"use strict";\n' + "\n".join(map(_read, SCRIPTS))
    style = _read("review.css")
    return read_template("spacy_deid.review", "page/page.html.jinja").render(
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        shortcuts=tomllib.loads(_read("shortcuts.toml")),
        input=_data({"labels": _labels(notes), "notes": [_record(note) for note in notes]}),
    )


def _read(name: str) -> str:
    return _FOLDER.joinpath(name).read_text("utf8")


def _hash(inline: str) -> str:
    return base64.b64encode(hashlib.sha256(inline.encode("utf8")).digest()).decode("ascii")


def _labels(notes: Sequence[ReviewNote]) -> list[dict[str, str]]:
    """Return the labels to choose from: those of the notes, the most frequent first, then the categories."""
    used = Counter(span.label for note in notes for span in note.spans)
    names = dict.fromkeys([*(label for label, _ in used.most_common()), *categories()])
    return [{"name": name, "category": category_of(name)} for name in names]


def _record(note: ReviewNote) -> dict[str, Any]:
    return asdict(note) | {"spans": [span._asdict() for span in note.spans]}


def _data(value: Any) -> str:
    """Return JSON in ASCII without HTML's special characters, so that no note ends the script."""
    text = json.dumps(value, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
