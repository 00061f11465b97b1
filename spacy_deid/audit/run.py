"""Runs an audit: all measures, compared with the budgets."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import spacy_deid
from spacy_deid.audit.budgets import judge, load_budgets
from spacy_deid.audit.canaries import generated_section, read_canaries
from spacy_deid.audit.checks import check
from spacy_deid.audit.identifiers import measure_identifiers, measure_linkage
from spacy_deid.audit.inputs import check_run, describe, heldout_file, read_notes
from spacy_deid.audit.membership import measure_corpus_membership, measure_neighbours
from spacy_deid.audit.overlap import measure_overlap
from spacy_deid.audit.wheel import measure_wheel
from spacy_deid.evaluate.run import how_made, read_synthetic
from spacy_deid.files import write_json, write_text


def audit(
    synthetic: Path,
    members: Path,
    heldout: Path,
    *,
    wheel: Path | None = None,
    adapter: Path | None = None,
    base: str = "",
    canaries: Path | None = None,
    lm_notes: int = 100,
    budgets: Path | None = None,
    seed: int = 0,
    quiet: bool = False,
) -> dict[str, Any]:
    """Measure the information that synthetic notes, and a pipeline trained on them, leak from the members.

    Args:
        synthetic: Corpus file, or the folder that `deid generate` wrote.
        members: Corpus file of the notes that the language model was adapted on.
        heldout: Corpus file of notes of the same kind that neither the language model nor its prompts saw, or a folder
            of `deid corpus`, see `heldout_file`.
        wheel: Wheel or folder of a pipeline to search for words of the members.
        adapter: Adapter of the language model ``base``, to audit the model too.
        base: Directory of that language model, or its name.
        canaries: File of the canaries that `deid canaries` planted in the members.
        lm_notes: With an adapter: the maximum number of notes to draw from either side.
        budgets: TOML file in place of the package's budgets.
        seed: Of the resampling and of the drawing.
        quiet: Whether to show no progress bars.

    Returns:
        The figures and the verdict by the budgets, as they are written to JSON. They hold no text.

    Raises:
        DeidError: An input would make the figures empty or false, see `checks`.
    """
    start = time.perf_counter()
    limits = load_budgets(budgets)
    check_run(synthetic)
    heldout = heldout_file(heldout)
    inputs = {"synthetic": synthetic, "members": members, "heldout": heldout}
    optional = {"wheel": wheel, "adapter": adapter, "canaries": canaries}
    inputs |= {name: path for name, path in optional.items() if path}
    hashes = {name: describe(path) for name, path in inputs.items()}
    planted = read_canaries(canaries) if canaries else []
    notes = read_notes(synthetic, members, heldout, quiet=quiet)
    check(notes)
    sections = {
        "overlap": measure_overlap(notes, seed),
        "neighbours": measure_neighbours(notes, seed),
        "identifiers": measure_identifiers(notes, seed),
        "linkage": measure_linkage(notes, seed),
        "corpus_membership": measure_corpus_membership(notes, seed),
    }
    if wheel:
        sections["wheel"] = measure_wheel(wheel, notes, seed)
    if planted:
        sections["canaries"] = generated_section(planted, (doc.text for doc in read_synthetic(synthetic)))
    if adapter:
        from spacy_deid.audit.language_model import audit_lm, members_and_heldout
        from spacy_deid.generate.causal_lm import adapted_corpus, check_adapter
        from spacy_deid.models.resolve import resolve

        check_adapter(adapter, Path(resolve(base)))
        sides = members_and_heldout(members, heldout, *adapted_corpus(adapter))
        sections |= audit_lm(base, adapter, *sides, planted, most_notes=lm_notes, seed=seed, quiet=quiet)
    return {
        "stage": "audit",
        "version": spacy_deid.__version__,
        "verdict": judge(sections, limits),
        "inputs": hashes,
        "notes": {
            "synthetic": len(notes.synthetic),
            "members": len(notes.members),
            "heldout": len(notes.heldout),
            "heldout_set_aside": notes.set_aside,
        },
        "made": how_made(members),
        "seed": seed,
        **sections,
        "seconds": round(time.perf_counter() - start, 1),
    }


def write_audit(found: Mapping[str, Any], output: Path) -> None:
    """Write an audit as JSON to ``output`` and, unless it was refused, as a page for readers beside it."""
    page = output.with_suffix(".html")
    write_json(output, found)
    if "refused" in found:
        page.unlink(missing_ok=True)
        return
    from spacy_deid.audit.report import html_report

    write_text(page, html_report(found), mode=0o644)


def refused(reason: str) -> dict[str, Any]:
    """Return the record of an audit whose inputs were unfit; `deid release` refuses it."""
    return {"stage": "audit", "version": spacy_deid.__version__, "refused": reason, "inputs": {}}
