"""`apply`: a folder or a file of documents, redacted, checked and written; it goes on after a kill."""

from contextlib import closing
from pathlib import Path

from spacy.language import Language
from tqdm import tqdm

from spacy_deid.apply.inputs import check_places, holds_no_document, input_files
from spacy_deid.apply.journal import Journal
from spacy_deid.apply.ledger import Ledger, write_manifest
from spacy_deid.apply.outputs import JOURNAL, Outputs
from spacy_deid.apply.pool import ordered
from spacy_deid.apply.reading import Reader
from spacy_deid.apply.settings import Settings, described, load, redactor
from spacy_deid.apply.summary import Summary
from spacy_deid.apply.unit import process
from spacy_deid.apply.writing import Writer


def apply(
    model: str | Path | Language,
    source: str | Path,
    out: str | Path,
    settings: Settings | None = None,
    *,
    quiet: bool = False,
) -> Summary:
    """Write ``source``, a file or a folder, to ``out`` without what the pipeline finds in it.

    model: a pipeline, its package or directory. A document that cannot be read, on which a component fails or in
    whose output a redacted value survives is not written; the others are, and `Summary.failed` says which and why.
    Run again, with the same settings, it does what is left, and removes what it once wrote for inputs that are gone or
    have changed. ``out`` gets a manifest: deid-manifest.json within a folder, ``<out>``.deid-manifest.json beside a
    file.

    Raises DeidError for wrong settings, for places that would touch an original, and where another run writes there.
    """
    source, out, settings = Path(source), Path(out), settings or Settings()
    rows = settings.rows
    check_places(source, out)
    with redactor(load(model), settings) as redact:
        found = input_files(source, out) if source.is_dir() else [source.name]
        names = [name for name in found if source.is_file() or not holds_no_document(name)]
        outputs = Outputs(source, out, neutral_names=settings.neutral_names)
        about = described(redact, settings)
        with closing(Journal(outputs.work / JOURNAL, out)) as journal:
            if outputs.is_new:
                journal.clear()
            outputs.begin()
            journal.begin(about)
            ledger = Ledger(outputs, journal)
            ledger.summary.passed_over = len(found) - len(names)
            reader = Reader(source if source.is_dir() else source.parent, names, rows, outputs, ledger)
            writer = Writer(outputs, ledger)
            try:
                results = ordered(process, reader.batches(), redact, settings.processes)
                with tqdm(unit="document", desc="apply", disable=quiet) as bar:
                    for batch, outcomes in results:
                        writer.finish(batch, outcomes)
                        bar.update(sum(outcome.counts.documents for outcome in outcomes))
            finally:
                outputs.clean()
            ledger.name_neutrally()
            ledger.remove_outdated()
            write_manifest(outputs.manifest, about, ledger)
    return ledger.summary
