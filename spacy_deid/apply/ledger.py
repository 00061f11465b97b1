"""The manifest of a run: counts, the model's version, the policy and the outputs' hashes.

It goes to whoever is given the outputs, so it holds no text, no name that was changed and no hash of an original: by a
hash, whoever tries values sees which of them it was made of.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from spacy_deid.apply.outputs import on_disk
from spacy_deid.apply.summary import Failure
from spacy_deid.apply.work import Work
from spacy_deid.files import atomic

_SHOWN = ("output", "sha256", "documents", "redacted")


def write_manifest(path: Path, about: Mapping[str, Any], work: Work) -> None:
    """Write the manifest, once all that it tells of is on the disk. The list of files is never whole in memory."""
    summary = work.summary
    head = {
        **about,
        "documents": summary.documents,
        "redacted": dict(sorted(summary.redacted.items())),
        "unknown_labels": dict(sorted(summary.unknown.items())),
        "renamed": summary.renamed,
        "passed_over": summary.passed_over,
        "failed": [{"document": each.document, "reason": each.reason} for each in sorted(summary.failed, key=_place)],
    }
    on_disk()
    with atomic(path, 0o644) as temporary, temporary.open("w", encoding="utf8") as file:
        file.write(json.dumps(head, indent=2, ensure_ascii=False).removesuffix("\n}"))
        file.write(',\n  "files": [')
        for number, entry in enumerate(work.entries()):
            shown = {name: value for name, value in asdict(entry).items() if name in _SHOWN}
            file.write("," * (number > 0) + "\n    " + json.dumps(shown, ensure_ascii=False))
        file.write("\n  ]\n}\n")


def _place(failure: Failure) -> tuple[str, int]:
    """Return a document's place among others: by name and row, not in the order of the inputs."""
    name, _, row = failure.document.rpartition(", row ")
    return (name, int(row)) if name and row.isdecimal() else (failure.document, 0)
