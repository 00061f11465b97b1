"""The corpus stage: OUT_DIR/{train,dev,test,public}.spacy and a manifest, from any source and from templates."""

import json
import time
from dataclasses import asdict
from importlib.metadata import version
from itertools import combinations
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

import spacy_deid
from spacy_deid.corpus import docbin
from spacy_deid.corpus.bootstrap import run as templates
from spacy_deid.corpus.bootstrap.settings import Bootstrap
from spacy_deid.corpus.convert import read_corpus
from spacy_deid.corpus.intake import Intake, UnknownLabel
from spacy_deid.corpus.sources import SPLITS, Source
from spacy_deid.corpus.split import first_docs, split_docs
from spacy_deid.errors import DeidError
from spacy_deid.files import remove_remnants, sha256, write_json
from spacy_deid.labels import table_sha256

MANIFEST = "manifest.json"
PUBLIC = "public"
TOO_FEW = "more notes, or splits of your own: train, dev and test within the corpus, each a folder or a file"
HELD_OUT = 0.1  # share of train that makes a split the source does not bring


def build_corpus(
    source: Source,
    out: Path,
    *,
    lang: str,
    bootstrap: Bootstrap | None = None,
    seed: int = 0,
    unknown_label: UnknownLabel = UnknownLabel.error,
    notes: int = 0,
    quiet: bool = False,
) -> tuple[dict[str, Any], bool]:
    """Write the splits of ``source``, the public notes and a manifest to ``out``; return it, and whether it is new.

    A split that the source does not bring takes a tenth of train, whole groups at a time. ``bootstrap`` says how to
    make the public notes, of templates; without it there are none. Of these, ``source.template_gold`` are train where
    the source brings none. ``notes``: keep about so many of train, and leave the rest out (0: keep all).

    Where the manifest shows that inputs, settings and outputs are as they were nothing is read or written. Raises
    DeidError where train would be empty, or has fewer than ``notes``.
    """
    for name in (*(f"{split}.spacy" for split in (*SPLITS, PUBLIC)), MANIFEST):
        remove_remnants(out / name)
    inputs = _inputs(source, lang, bootstrap, seed, unknown_label, notes)
    earlier = _read_manifest(out / MANIFEST)
    if earlier.get("inputs") == inputs and earlier.get("outputs") == _outputs(out):
        return earlier, False
    started = time.monotonic()
    splits, reports = {}, {}
    for name, path in source.splits.items():
        intake = Intake(unknown_label=unknown_label, group_pattern=source.group_pattern)
        splits[name] = read_corpus(path, intake, format=source.format, lang=lang, quiet=quiet)
        reports[name] = intake.report.as_dict()
    if "train" in splits:  # before the templates, which take most of the time: too few notes are told at once
        splits = _with_held_out(splits, notes, seed)
    public: list[Doc] = []
    if bootstrap:
        made, counts = templates.bootstrap_docs(bootstrap, quiet=quiet)
        public = made["train"]
        reports |= {f"{name} from templates": report.as_dict() for name, report in counts.items()}
    if "train" not in splits:
        splits["train"], public = public[: source.template_gold], public[source.template_gold :]
        splits["dev"] = made.get("dev", []) if bootstrap else []
        if not (splits["train"] and splits["dev"]):
            message = (
                "There are no notes to train on. Remedy: give a corpus, or a bootstrap config with held-out notes."
            )
            raise DeidError(message)
        splits = _with_held_out(splits, notes, seed)
    docbin.write_all({out / f"{name}.spacy": docs for name, docs in (splits | {PUBLIC: public}).items()})
    manifest = {
        "stage": "corpus",
        "source": source.described(),
        "inputs": inputs,
        "outputs": _outputs(out),
        "read": reports,
        "notes": {name: len(docs) for name, docs in (splits | {PUBLIC: public}).items()},
        "shared_groups": _shared_groups(splits),
        "seconds": round(time.monotonic() - started, 1),
    }
    write_json(out / MANIFEST, manifest)
    return manifest, True


def _inputs(
    source: Source, lang: str, bootstrap: Bootstrap | None, seed: int, unknown_label: str, notes: int
) -> dict[str, Any]:
    return {
        "source": asdict(source.attribution),
        "format": source.format,
        "sha256": source.hashes(),
        "template_gold": source.template_gold,
        "templates": templates.inputs(bootstrap) if bootstrap else None,
        "lang": lang,
        "group_pattern": source.group_pattern,
        "unknown_label": unknown_label,
        "labels": table_sha256(),
        "train_notes": notes,
        "seed": seed,
        "versions": {"spacy-deid": spacy_deid.__version__, "spacy": version("spacy")},
    }


def _outputs(out: Path) -> dict[str, str]:
    return {path.name: sha256(path) for name in (*SPLITS, PUBLIC) if (path := out / f"{name}.spacy").exists()}


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text("utf8"))
    except (FileNotFoundError, ValueError):  # absent or damaged: made anew
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _with_held_out(splits: dict[str, list[Doc]], notes: int, seed: int) -> dict[str, list[Doc]]:
    """Return all splits, those that are missing taken from train, and of train about ``notes``."""
    missing = [name for name in SPLITS if name not in splits]
    if missing:
        fractions = [1 - HELD_OUT * len(missing), *[HELD_OUT] * len(missing)]
        parts = split_docs(splits["train"], fractions, seed, remedy=TOO_FEW)
        splits = splits | dict(zip(["train", *missing], parts, strict=True))
    kept = {"train": first_docs(splits["train"], notes, seed)}
    return {name: (splits | kept)[name] for name in SPLITS}


def _shared_groups(splits: dict[str, list[Doc]]) -> dict[str, int]:
    """Count the groups that two splits have in common: above 0 only where the source brought both."""
    groups = {name: {doc._.deid_group for doc in splits[name]} for name in SPLITS}
    return {f"{a}/{b}": len(groups[a] & groups[b]) for a, b in combinations(SPLITS, 2)}
