"""Documents, or outputs of `deid apply`, for the review page."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from random import Random

import srsly
from tqdm import tqdm

from spacy_deid.apply.document import Document
from spacy_deid.apply.formats.registry import FILES, TABLES, check_installed, file_format, not_read, table_format
from spacy_deid.apply.formats.rows import RowSettings
from spacy_deid.apply.inputs import holds_no_document, input_files
from spacy_deid.apply.summary import Failure, Failures
from spacy_deid.corpus.convert import BY_SUFFIX
from spacy_deid.corpus.intake import Intake, UnknownLabel
from spacy_deid.errors import DeidError
from spacy_deid.review.notes import ReviewNote, read_notes


def notes_of(
    source: Path,
    rows: RowSettings,
    *,
    format: str = "",
    texts: Path | None = None,
    size: int = 0,
    seed: int = 0,
    quiet: bool = False,
) -> tuple[list[ReviewNote], list[Failure]]:
    """Return the notes of documents or of an annotated corpus, and the documents that cannot be read.

    Args:
        source: Documents, an output of apply, or a corpus: a folder or a file.
        rows: The columns of tables that hold text.
        format: Format of an annotated corpus, see `read_notes`; detected unless given.
        texts: For brat: folder of the .txt files, if not ``source``.
        size: The number of notes to draw at random; 0 for all.
        seed: The seed of the sample.
        quiet: Whether to show no progress bar.

    Raises:
        DeidError: There is no note.
    """
    if format or texts or not holds_documents(source):
        # an unknown label is shown and can be corrected on the page
        found = iter(read_notes(source, Intake(UnknownLabel.keep), format=format, texts=texts, quiet=quiet))
    else:
        found = tqdm(read_documents(source, rows), desc=f"read {source.name}", unit=" notes", disable=quiet)
    failures: list[Failure] = []
    notes = _without_failures(found, failures)
    drawn = sample(notes, size, seed) if size else list(notes)
    if not drawn and failures:
        raise DeidError(f"{source}: no document could be read. {failures[0].path}: {failures[0].reason}")
    return drawn, failures


def holds_documents(source: Path) -> bool:
    """Whether ``source`` holds plain documents rather than annotated notes.

    A folder with .ann files is annotated, and so is JSONL whose first line has "spans".
    """
    if source.is_dir():
        return next(source.rglob("*.ann"), None) is None
    if source.suffix == ".jsonl" and source.is_file():
        return not _is_annotated(source)
    return source.suffix not in BY_SUFFIX


def read_documents(source: Path, rows: RowSettings) -> Iterator[ReviewNote | Failure]:
    """Yield every document of a file or folder without spans, or its failure.

    Raises DeidError if there is no document, or a package is missing.
    """
    if not source.exists():
        raise DeidError(f"{source} does not exist. Remedy: name the file or folder that holds the documents.")
    found = input_files(source, source / "review.html") if source.is_dir() else [source.name]
    names = [name for name in found if not holds_no_document(name)]
    folder = source if source.is_dir() else source.parent
    check_installed({Path(name).suffix.lower() for name in names})
    is_empty = True
    for name in names:
        for document in _documents(folder / name, name, rows):
            is_empty = False
            yield document
    if is_empty:
        raise DeidError(f"{source} holds no document. Remedy: name the file or folder that holds the documents.")


def sample(notes: Iterable[ReviewNote], size: int, seed: int) -> list[ReviewNote]:
    """Return notes drawn at random, in their order; only these are held in memory.

    Each note is as likely as any other (Vitter's algorithm R, https://doi.org/10.1145/3147.3165).

    Args:
        notes: The notes.
        size: The number of notes to draw.
        seed: The same seed draws the same notes.
    """
    rng = Random(seed)  # noqa: S311  a sample, no secret
    drawn: list[tuple[int, ReviewNote]] = []
    for number, note in enumerate(notes):
        place = number if number < size else rng.randrange(number + 1)
        if place < size:
            drawn[place : place + 1] = [(number, note)]
    return [note for _, note in sorted(drawn, key=lambda each: each[0])]


def _without_failures(found: Iterable[ReviewNote | Failure], failures: list[Failure]) -> Iterator[ReviewNote]:
    for each in found:
        if isinstance(each, Failure):
            failures.append(each)
        else:
            yield each


def _documents(path: Path, name: str, rows: RowSettings) -> Iterator[ReviewNote | Failure]:
    suffix = path.suffix.lower()
    try:
        if suffix in FILES:
            (document,) = file_format(suffix, rows).open(path.read_bytes()).documents
            yield _note(document, name)
        elif suffix in TABLES:
            yield from _rows(path, name, rows)
        else:
            yield Failure(name, not_read(suffix), name)
    except DeidError as error:
        yield Failure(name, str(error), name)


def _rows(path: Path, name: str, rows: RowSettings) -> Iterator[ReviewNote | Failure]:
    with path.open("rb") as file:
        table = table_format(path.suffix.lower(), rows).open(file)
        documents = chain.from_iterable(table.format.open(data).documents for _, data in table.parts())
        failures = Failures()
        for number, document in enumerate(documents, start=1):
            note = _note(document, f"{name}, row {number}")
            if isinstance(note, Failure):
                failures.add([(number, note.reason)])
            else:
                yield note
        yield from failures.by_reason(name, name)


def _note(document: Document, name: str) -> ReviewNote | Failure:
    if document.error:
        return Failure(name, document.error, name)
    return ReviewNote(document.id or name, document.group or document.id or name, document.text, ())


def _is_annotated(source: Path) -> bool:
    try:
        first = next(islice(srsly.read_jsonl(source), 1), None)
    except ValueError:
        return False  # its reader reports the fault
    return isinstance(first, dict) and "spans" in first
