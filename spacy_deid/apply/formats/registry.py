"""Formats by the suffix of a file."""

from collections.abc import Callable, Mapping, Set
from importlib.util import find_spec

from spacy_deid.apply.formats.csv import Csv
from spacy_deid.apply.formats.docx import DocxFormat
from spacy_deid.apply.formats.encoding import EncodedFile, EncodedTableFormat
from spacy_deid.apply.formats.fhir import FhirFormat
from spacy_deid.apply.formats.jsonl import Jsonl
from spacy_deid.apply.formats.parquet import Parquet
from spacy_deid.apply.formats.protocol import Format, TableFormat
from spacy_deid.apply.formats.rows import RowSettings
from spacy_deid.apply.formats.text import TextFormat
from spacy_deid.errors import DeidError
from spacy_deid.extras import how_to_install

FILES: Mapping[str, Callable[[], Format]] = {".txt": TextFormat, ".docx": DocxFormat, ".json": FhirFormat}
TABLES: Mapping[str, Callable[[RowSettings], TableFormat]] = {
    ".csv": Csv,
    ".tsv": Csv,
    ".jsonl": Jsonl,
    ".parquet": Parquet,
}
SUFFIXES = (*FILES, *TABLES)
_IN_ANY_ENCODING = (".txt", ".csv", ".tsv", ".jsonl")
_NEEDED = {".docx": "docx", ".parquet": "pyarrow"}
_REMEDIES = {
    "unpack it": (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst"),
    "save each sheet as .csv (in Excel: CSV UTF-8)": (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"),
    "save it as .docx": (".doc", ".docm", ".dotx", ".dot", ".rtf", ".odt"),
    "save its text as .txt": (".pdf", ".html", ".htm", ".xml", ".md", ".eml", ".msg", ".log"),
    "rename it to .jsonl": (".ndjson",),
    "rename it to .csv": (".tab", ".psv"),
}


def file_format(suffix: str, rows: RowSettings) -> Format:
    """Return the format of files with one of the suffixes in FILES, in the encoding of the settings, if any."""
    format = FILES[suffix]()
    return EncodedFile(format, rows.encoding) if rows.encoding and suffix in _IN_ANY_ENCODING else format


def table_format(suffix: str, rows: RowSettings) -> TableFormat:
    """Return the format of tables with one of the suffixes in TABLES, in the encoding of the settings, if any."""
    format = TABLES[suffix](rows)
    return EncodedTableFormat(format, rows.encoding) if rows.encoding and suffix in _IN_ANY_ENCODING else format


def check_installed(suffixes: Set[str]) -> None:
    """Raise DeidError if the package that a suffix such as ".docx" needs is not installed."""
    for suffix in sorted(suffixes & _NEEDED.keys()):
        if find_spec(_NEEDED[suffix]) is None:
            raise DeidError(f"{suffix} needs {_NEEDED[suffix]}. Remedy: {how_to_install(_NEEDED[suffix])}.")


def not_read(suffix: str) -> str:
    """Return the reason why files with that suffix are not read, and a remedy if there is one."""
    remedy = next((f". Remedy: {remedy}" for remedy, of in _REMEDIES.items() if suffix in of), "")
    return f"{suffix or 'no suffix'} is not a format that is read ({', '.join(SUFFIXES)}){remedy}"
