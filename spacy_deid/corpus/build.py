"""The corpus stage: writes OUT/{train,dev,test,public,calibration}.spacy and a manifest, from notes and templates."""

import time
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from spacy_deid.corpus.convert import read_corpus
from spacy_deid.corpus.formats import docbin
from spacy_deid.corpus.intake import Intake, UnknownLabel
from spacy_deid.corpus.sources import CALIBRATION, CorpusSource, uses_public_notes
from spacy_deid.corpus.split import SPLITS, first_docs, split_docs
from spacy_deid.corpus.templates.run import inputs as template_inputs
from spacy_deid.corpus.templates.run import template_docs
from spacy_deid.corpus.templates.settings import TemplateCorpus, read_settings
from spacy_deid.errors import DeidError
from spacy_deid.files import remove_remnants, write_json
from spacy_deid.labels import table_sha256
from spacy_deid.manifest import MANIFEST, hashes, read_manifest, versions

PUBLIC = "public"
TOO_FEW = "more notes, or splits of your own: train, dev and test within the corpus, each a folder or a file"
HELD_OUT = 0.1  # share of train that becomes a split which the source lacks


def build_corpus(
    source: CorpusSource,
    out: Path,
    *,
    lang: str,
    templates: TemplateCorpus | None = None,
    seed: int = 0,
    unknown_label: UnknownLabel = UnknownLabel.error,
    notes: int = 0,
    quiet: bool = False,
) -> tuple[dict[str, Any], bool]:
    """Write train, dev, test and public notes of a corpus, and a manifest.

    If the manifest shows that inputs, settings and outputs are unchanged, nothing is read or written.

    Args:
        source: The corpus. A split that it lacks takes a tenth of train, in whole groups. If it has no train,
            ``source.template_gold`` of the public notes become train.
        out: Folder for train.spacy, dev.spacy, test.spacy, public.spacy, calibration.spacy (the source's notes for the
            choice of thresholds or, without any, those of dev) and manifest.json.
        lang: Language code of the notes.
        templates: Settings of the public notes; None for no public notes.
        seed: The same seed gives the same splits.
        unknown_label: The treatment of a label that labels.toml does not map.
        notes: Approximate number of training notes to keep; 0 keeps all.
        quiet: Show no progress bar.

    Returns:
        The manifest, and whether it is new.

    Raises:
        DeidError: Train is empty or has fewer than ``notes`` notes.
    """
    for name in (*(f"{split}.spacy" for split in (*SPLITS, PUBLIC, CALIBRATION)), MANIFEST):
        remove_remnants(out / name)
    inputs = _inputs(source, lang, templates, seed, unknown_label, notes)
    earlier = read_manifest(out / MANIFEST)
    if earlier.get("inputs") == inputs and earlier.get("outputs") == _outputs(out):
        return earlier, False
    started = time.monotonic()
    splits, reports = {}, {}
    for name, path in source.splits.items():
        intake = Intake(unknown_label=unknown_label, group_pattern=source.group_pattern)
        splits[name] = read_corpus(path, intake, format=source.format, lang=lang, quiet=quiet)
        reports[name] = intake.report.as_dict()
    if "train" in splits:  # before the templates, which take most of the time: too few notes are reported at once
        splits = _with_held_out(splits, notes, seed)
    public: list[Doc] = []
    if templates:
        made, counts = template_docs(templates, quiet=quiet)
        public = made["train"]
        reports |= {f"{name} from templates": report.as_dict() for name, report in counts.items()}
    if "train" not in splits:
        splits["train"], public = public[: source.template_gold], public[source.template_gold :]
        splits["dev"] = made.get("dev", []) if templates else []
        if not (splits["train"] and splits["dev"]):
            message = (
                "There are no notes to train on. Remedy: give a corpus, or a config of templates with held-out notes."
            )
            raise DeidError(message)
        splits = _with_held_out(splits, notes, seed)
    calibration = _calibration(source, lang, reports) or splits["dev"]
    corpora = splits | {PUBLIC: public, CALIBRATION: calibration}
    docbin.write_all({out / f"{name}.spacy": docs for name, docs in corpora.items()})
    manifest = {
        "stage": "corpus",
        "source": source.described(),
        "inputs": inputs,
        "outputs": _outputs(out),
        "read": reports,
        "notes": {name: len(docs) for name, docs in corpora.items()},
        "shared_groups": _shared_groups(splits),
        "seconds": round(time.monotonic() - started, 1),
    }
    write_json(out / MANIFEST, manifest)
    return manifest, True


def public_notes(config: Path | None, lang: str, seed: int, *, wanted: bool | None = None) -> TemplateCorpus | None:
    """Return the settings of a language's public notes, or None if there are to be none.

    Args:
        config: Config of templates; None for no public notes.
        lang: Language code.
        seed: Seed of the notes.
        wanted: Whether to make them; None: if the pack's corpus.toml says that models are trained on them.
    """
    wanted = uses_public_notes(lang) if wanted is None else wanted
    return read_settings(config, {"vars.lang": lang, "vars.seed": seed}) if config and wanted else None


def _inputs(
    source: CorpusSource, lang: str, templates: TemplateCorpus | None, seed: int, unknown_label: str, notes: int
) -> dict[str, Any]:
    return {
        "source": asdict(source.attribution),
        "format": source.format,
        "sha256": source.hashes(),
        "template_gold": source.template_gold,
        "templates": template_inputs(templates) if templates else None,
        "lang": lang,
        "group_pattern": source.group_pattern,
        "unknown_label": unknown_label,
        "labels": table_sha256(),
        "train_notes": notes,
        "seed": seed,
        "versions": versions("spacy-deid", "spacy"),
    }


def _calibration(source: CorpusSource, lang: str, reports: dict[str, Any]) -> list[Doc]:
    """Return the calibration notes, if there are any, and add their counts; nothing is trained on them."""
    if source.calibration is None:
        return []
    intake = Intake()
    docs = read_corpus(source.calibration, intake, format="markup", lang=lang, quiet=True)
    reports[CALIBRATION] = intake.report.as_dict()
    return docs


def _outputs(out: Path) -> dict[str, str]:
    return hashes(out / f"{name}.spacy" for name in (*SPLITS, PUBLIC, CALIBRATION))


def _with_held_out(splits: dict[str, list[Doc]], notes: int, seed: int) -> dict[str, list[Doc]]:
    """Return all splits: missing ones are taken from train, of which about ``notes`` notes are kept."""
    missing = [name for name in SPLITS if name not in splits]
    if missing:
        fractions = [1 - HELD_OUT * len(missing), *[HELD_OUT] * len(missing)]
        parts = split_docs(splits["train"], fractions, seed, remedy=TOO_FEW)
        splits = splits | dict(zip(["train", *missing], parts, strict=True))
    kept = {"train": first_docs(splits["train"], notes, seed)}
    return {name: (splits | kept)[name] for name in SPLITS}


def _shared_groups(splits: dict[str, list[Doc]]) -> dict[str, int]:
    """Count the groups that two splits have in common: above 0 only if the source has both splits."""
    groups = {name: {doc._.deid_group for doc in splits[name]} for name in SPLITS}
    return {f"{a}/{b}": len(groups[a] & groups[b]) for a, b in combinations(SPLITS, 2)}
