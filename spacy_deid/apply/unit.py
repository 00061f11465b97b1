"""A unit of work (a file or some of its rows), from its bytes to redacted and checked bytes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from spacy_deid.apply.document import Beside, Document, Redacted
from spacy_deid.apply.formats.protocol import Format, Opened
from spacy_deid.apply.redactor import Redactor
from spacy_deid.apply.summary import FileCounts, added
from spacy_deid.errors import DeidError, reason_of
from spacy_deid.redact.survival import BREAK, Survivor, stands_in_name, survivors

SURVIVES = "a redacted value is still in the output"
HEADING = "holds a value that was redacted in a row. Remedy: rename the column"


@dataclass(frozen=True, slots=True)
class Unit:
    """The work of a process.

    Attributes:
        name: The input's path below IN.
        data: The bytes.
        format: The format of the bytes.
        first: The number of the first row, or 0 for a file that is one document.
        group: The group of documents that name none.
        fixed_name: The name of the output if it cannot be changed, otherwise "".
        heading: Text that is written once for all rows of the file.
    """

    name: str
    data: bytes
    format: Format
    first: int = 0
    group: str = ""
    fixed_name: str = ""
    heading: tuple[Beside, ...] = ()


@dataclass(slots=True)
class Outcome:
    """The result of a unit. Redacted text is the only text in it.

    Attributes:
        data: The bytes to write. None if all documents failed.
        counts: The counts of the documents.
        failed: Pairs of a row (0 for a file) and the reason why it failed.
        is_read: False if the file could not be read, so that it is unknown whether its name holds an identifier.
        heading: The first place in the unit's heading that holds a redacted value. "" if there is none.
    """

    data: bytes | None
    counts: FileCounts
    failed: list[tuple[int, str]] = field(default_factory=list)
    is_read: bool = True
    heading: str = ""


def process(units: Sequence[Unit], redactor: Redactor) -> list[Outcome]:
    """Redact units, the documents of all of them together."""
    opened = [_opened(unit) for unit in units]
    documents = [document for each in opened if not isinstance(each, str) for document in each[1]]
    redacted = iter(redactor(documents))
    outcomes: list[Outcome] = []
    for unit, each in zip(units, opened, strict=True):
        if isinstance(each, str):
            outcomes.append(Outcome(None, FileCounts(1), [(unit.first, each)], is_read=False))
        else:
            outcomes.append(_outcome_or_failure(unit, each[0], [next(redacted) for _ in each[1]]))
    return outcomes


def _opened(unit: Unit) -> tuple[Opened, list[Document]] | str:
    """Return the unit's documents, or the reason why it cannot be read."""
    try:
        opened = unit.format.open(unit.data)
    except Exception as error:  # bytes may break a format anywhere; reported for the document, and the others continue
        if unit.first and not isinstance(error, DeidError):
            raise  # the number of its rows is unknown
        return reason_of(error)
    documents = [
        replace(document, id=document.id or _id(unit, document), group=document.group or unit.group)
        for document in opened.documents
    ]
    return opened, documents


def _id(unit: Unit, document: Document) -> str:
    return f"{unit.name}, row {unit.first + document.row}" if unit.first else unit.name


def _rows(unit: Unit, opened: Opened) -> list[int]:
    """Return the number of each document's row; 0 for a file that is one document."""
    return [unit.first + document.row if unit.first else 0 for document in opened.documents]


def _outcome_or_failure(unit: Unit, opened: Opened, documents: Sequence[Redacted]) -> Outcome:
    try:
        return _outcome(unit, opened, documents)
    except Exception as error:  # as above; the written bytes may be unreadable
        failed = [(row, reason_of(error)) for row in _rows(unit, opened)]
        return Outcome(None, FileCounts(len(documents)), failed, is_read=False)


def _outcome(unit: Unit, opened: Opened, documents: Sequence[Redacted]) -> Outcome:
    data = opened.written([None if document.error else document.leaves for document in documents])
    if _check_survival(unit, data, documents):
        data = unit.format.open(unit.data).written([None if each.error else each.leaves for each in documents])
    good = [document for document in documents if not document.error]
    counts = FileCounts(
        len(documents),
        redacted=added(document.counts for document in good),
        unknown=added(document.unknown for document in good),
        names_somebody=_stands_in_name(documents, unit.name),
        named_folders=_named_folders(documents, unit.name),
    )
    rows = zip(_rows(unit, opened), documents, strict=True)
    return Outcome(
        data if good or unit.first else None,
        counts,
        [(row, document.error) for row, document in rows if document.error],
        is_read=any(document.values or not document.error for document in documents),
        heading=_place_in_heading(documents, unit.heading),
    )


def _check_survival(unit: Unit, data: bytes, documents: Sequence[Redacted]) -> bool:
    """Read the output as its recipient would, and fail every document in which a redacted value survives."""
    good = [document for document in documents if not document.error]
    written = unit.format.open(data).documents if good else []
    for document, again in zip(good, written, strict=True):
        found = survivors(document.values, again.text, allowed=document.allowed, beside=again.beside)
        if not found and stands_in_name(document.values, unit.fixed_name):
            document.error = f"{SURVIVES}: in the name of the output. Remedy: choose another name."
        elif found:
            document.error = _survival_error(found)
    return any(document.error for document in good)


def _stands_in_name(documents: Sequence[Redacted], name: str) -> bool:
    return any(stands_in_name(document.values, name) for document in documents)


def _named_folders(documents: Sequence[Redacted], name: str) -> int:
    folders = name.split("/")[:-1]
    ends = range(1, len(folders) + 1)
    return next((end for end in ends if _stands_in_name(documents, "/".join(folders[:end]))), 0)


def _place_in_heading(documents: Sequence[Redacted], heading: Sequence[Beside]) -> str:
    if not _stands_in_name(documents, BREAK.join(name for name, _ in heading)):
        return ""
    return next((place for name, place in heading if _stands_in_name(documents, name)), "")


def _survival_error(found: Sequence[Survivor]) -> str:
    """Return the category and the place of the first survivor, without any text."""
    first = found[0]
    what = f"{first.value.category or 'a value'} that began at character {first.value.start + 1} of the text"
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    if first.place:
        return f"{SURVIVES}: {what}, in {first.place}{more}. Remedy: redact that place too, or remove it."
    return (
        f"{SURVIVES}: {what}, at character {first.offset + 1} of the output{more}. "
        "Remedy: look at both places; one of them was probably misread."
    )
