"""`apply`: redacts, checks and writes a folder or a file of documents, and continues an interrupted run."""

from contextlib import closing
from pathlib import Path

from spacy.language import Language
from tqdm import tqdm

from spacy_deid.apply.inputs import check_places, holds_no_document, input_files
from spacy_deid.apply.journal import Journal
from spacy_deid.apply.ledger import Ledger, write_manifest
from spacy_deid.apply.outputs import JOURNAL, Outputs
from spacy_deid.apply.reading import Reader
from spacy_deid.apply.settings import Settings, described, redactor
from spacy_deid.apply.summary import Summary
from spacy_deid.apply.unit import process
from spacy_deid.apply.writing import Writer
from spacy_deid.pool import ordered


def apply(
    model: str | Path | Language,
    source: str | Path,
    out: str | Path,
    settings: Settings | None = None,
    *,
    quiet: bool = False,
) -> Summary:
    """Redact a file or a folder of documents, check the outputs and write them.

    A second run with the same settings continues an interrupted one, and removes the outputs of inputs that have
    changed or are gone. A manifest is written as well: deid-manifest.json within a folder, ``<out>.deid-manifest.json``
    beside a file.

    Args:
        model: A loaded pipeline, the name of an installed package, or a pipeline's directory.
        source: A file or a folder. It is not changed.
        out: The file or folder to write.
        settings: The policy, key, scope, columns and number of processes.
        quiet: Whether to show no progress bar.

    Returns:
        The counts, and in ``failed`` the documents that were not written, each with its reason: one that cannot be
        read, on which a component fails, or in whose output a redacted value survives.

    Raises:
        DeidError: For wrong settings, for places at which an original would be overwritten, and while another run
            writes to ``out``.
    """
    source, out, settings = Path(source), Path(out), settings or Settings()
    rows = settings.rows
    check_places(source, out)
    with redactor(model, settings) as redact:
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
