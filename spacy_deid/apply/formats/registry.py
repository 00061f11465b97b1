"""Formats by the suffix of a file."""

from collections.abc import Callable, Mapping, Set
from importlib.util import find_spec

from spacy_deid.apply.formats.csv import Csv
from spacy_deid.apply.formats.docx import DocxFormat
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
_NEEDED = {".docx": "docx", ".parquet": "pyarrow"}


def check_installed(suffixes: Set[str]) -> None:
    """Raise DeidError where the package that a suffix such as ".docx" needs is not installed."""
    for suffix in sorted(suffixes & _NEEDED.keys()):
        if find_spec(_NEEDED[suffix]) is None:
            raise DeidError(f"{suffix} needs {_NEEDED[suffix]}. Remedy: {how_to_install(_NEEDED[suffix])}.")


def not_read(suffix: str) -> str:
    """Return why a file with that suffix is not read."""
    return f"{suffix or 'no suffix'} is no format that is read ({', '.join(SUFFIXES)})"
