"""Converts any corpus format to any other, by way of notes and Docs."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from spacy.tokens import Doc
from tqdm import tqdm

from spacy_deid.corpus.formats import brat, conll, docbin, doccano, inline, jsonl, label_studio
from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.note import ConversionReport, Note, to_doc
from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank

# Above this share of spans that do not begin and end at token boundaries, the offsets are probably wrong: MEDDOCAN has
# 0.06 %, offsets shifted by one have nearly 100 %. A few such spans in a small corpus prove nothing.
MAX_WIDENED = 0.05
_FEW = 20


class CorpusFormat(NamedTuple):
    """The reader and the writer of a corpus format."""

    read: Callable[[Path, Intake], Iterator[Note]]
    write: Callable[[Iterable[Doc], Path], None]


FORMATS = {
    "brat": CorpusFormat(brat.read, brat.write),
    "conll": CorpusFormat(conll.read, conll.write),
    "doccano": CorpusFormat(doccano.read, doccano.write),
    "docbin": CorpusFormat(docbin.read, docbin.write),
    "jsonl": CorpusFormat(jsonl.read, jsonl.write),
    "label-studio": CorpusFormat(label_studio.read, label_studio.write),
    "markup": CorpusFormat(inline.read, inline.write),
}
BY_SUFFIX = {".spacy": "docbin", ".jsonl": "jsonl", ".conll": "conll", ".iob": "conll", ".iob2": "conll"}


def convert(
    source: Path,
    out: Path,
    *,
    format: str = "",
    to: str = "",
    lang: str = "xx",
    texts: Path | None = None,
    intake: Intake | None = None,
    quiet: bool = False,
) -> ConversionReport:
    """Convert a corpus and return the counts.

    Args:
        source: Folder or file to read.
        out: New folder, or file, to write.
        format: CorpusFormat of ``source``, a key of `FORMATS`; by its suffix if empty.
        to: CorpusFormat of ``out``; by its suffix if empty.
        lang: Language code of the Docs.
        texts: See `read_corpus`.
        intake: Checks and counts the notes; the default stops at an unknown label.
        quiet: Show no progress bar.

    Raises:
        DeidError: The corpus is unreadable, empty or doubtful.
    """
    writer = FORMATS[format_name(out, to, "--to")].write
    intake = intake or Intake()
    writer(read_corpus(source, intake, format=format, lang=lang, texts=texts, quiet=quiet), out)
    return intake.report


def read_corpus(
    source: Path, intake: Intake, *, format: str = "", lang: str, texts: Path | None = None, quiet: bool = False
) -> list[Doc]:
    """Return a corpus in any format as Docs; the counts are in ``intake.report``.

    Args:
        source: Folder or file.
        intake: Checks and counts the notes.
        format: A key of `FORMATS`; by the suffix if empty.
        lang: Language code of the Docs.
        texts: For brat, the folder of the .txt files if they are not beside the .ann files.
        quiet: Show no progress bar.

    Raises:
        DeidError: There is no note, the group pattern matches no note's id, or more than `MAX_WIDENED` of the spans do
            not begin and end at token boundaries.
    """
    if not source.exists():
        raise DeidError(f"{source} does not exist. Remedy: name the file or folder that holds the corpus.")
    reader = _reader(format_name(source, format), texts)
    tokenizer = fine_blank(lang).tokenizer
    report = intake.report
    with tqdm(reader(source, intake), desc=f"read {source.name}", unit=" notes", disable=quiet) as notes:
        docs = [to_doc(note, tokenizer, report) for note in notes]
    if not docs:
        raise DeidError(f"{source} holds no note. Remedy: name the file or folder that directly holds the notes.")
    intake.check_groups()
    if report.widened > max(_FEW, MAX_WIDENED * report.spans):
        raise DeidError(
            f"{source}: {report.widened} of {report.spans} spans do not begin and end at word boundaries. "
            "Remedy: check that the offsets count characters (not bytes, not UTF-16 units) of exactly this text."
        )
    return docs


def _reader(format: str, texts: Path | None) -> Callable[[Path, Intake], Iterator[Note]]:
    if texts is None:
        return FORMATS[format].read
    if format != "brat":
        raise DeidError(f"--texts is for brat, and the format is {format}. Remedy: leave it out.")
    return partial(brat.read, texts=texts)


def format_name(path: Path, name: str = "", option: str = "--format") -> str:
    """Return ``name`` or, if it is empty, the format of the path's suffix; a folder is brat.

    Args:
        path: File or folder.
        name: Name of a format, or empty.
        option: The command-line option that sets it, for the message.

    Raises:
        DeidError: The name is not in `FORMATS`.
    """
    name = name or BY_SUFFIX.get(path.suffix, "brat" if path.is_dir() else "")
    if name not in FORMATS:
        raise DeidError(f"The format {name!r} of {path} is unknown. Remedy: {option} {' | '.join(FORMATS)}.")
    return name
