"""Words of real notes in a packaged pipeline: string store, vectors, configs, metadata, other files."""

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.strings import get_string_id

from spacy_deid.audit.identifiers import RARE_IN, frequencies, is_rare
from spacy_deid.audit.inputs import Notes, RealNote
from spacy_deid.audit.intervals import compare_rates
from spacy_deid.errors import DeidError
from spacy_deid.leakage.keys import by_patient, numbers_in, public_keys
from spacy_deid.leakage.near_duplicates import folded

_SHORTEST_WORD = 5  # characters: shorter words occur by chance in the bytes of weights
_BLOCK = 1 << 24  # bytes decoded at a time
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_NPY = b"\x93NUMPY"
_UINT64 = 0xCF  # msgpack's mark of one; spaCy stores the words of vectors and tables as 64-bit hashes


def measure_wheel(path: Path, notes: Notes, seed: int) -> dict[str, Any]:
    """Return the share of the words of rare identifiers that occur in the files of a pipeline.

    A word is found in any file, also a compressed or nested one, in any case, and as the hash that spaCy stores; a
    number also after letters and in groups of digits.

    Args:
        path: Wheel or folder of the pipeline.
        notes: Members and held-out notes.
        seed: Of the resampling.

    Returns:
        The comparison; ``files``, the number of files searched; ``hits``, for each file with a member's word, the
        number of words of either side.

    Raises:
        DeidError: ``path`` is neither a folder nor a zip file.
    """
    words = _words_of(notes)
    members, heldout = (frozenset[str]().union(*side) for side in notes.sides(words))
    either = members | heldout
    hashes = _hashes(either.union(*(note.spellings for note in notes.real)), either)
    found_in: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for name, data in _files(path):
        found_in[name] |= _found(data, either, hashes)
    found = frozenset[str]().union(*found_in.values())
    counts = [(len(of_note & found), len(of_note)) for of_note in words]
    return {
        **compare_rates(*notes.sides(counts), seed).as_json(),
        "files": len(found_in),
        "hits": {
            name: {"members": len(held & members), "heldout": len(held & heldout)}
            for name, held in sorted(found_in.items())
            if held & members
        },
    }


def _words_of(notes: Notes) -> list[frozenset[str]]:
    """Return for each real note the words of its rare identifiers that few patients and no public list have."""
    frequency = frequencies(notes.real)
    of_notes = [_rare_words(note, frequency) for note in notes.real]
    patients = by_patient(of_notes, (note.group for note in notes.real))
    counts = Counter(word for of in patients for word in set[str]().union(*of))
    common = {word for word, count in counts.items() if count > RARE_IN}
    return [frozenset(of - common - public_keys()) for of in of_notes]


def _rare_words(note: RealNote, frequency: Counter[str]) -> set[str]:
    keys = [key for category, key in note.identifiers if is_rare(category, key, frequency)]
    return {word for key in keys for word in key.removeprefix("#").split() if len(word) >= _SHORTEST_WORD}


def _hashes(spellings: frozenset[str], words: frozenset[str]) -> dict[int, str]:
    """Return each hash that spaCy may store for a word, of every spelling in any case, with the word."""
    spelt = [(spelling, folded(spelling)) for spelling in spellings]
    return {
        get_string_id(form): word
        for spelling, word in spelt
        if word in words
        for form in (spelling, spelling.upper(), spelling.capitalize())
    }


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file in a folder or a zip file, nested and compressed ones included."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file():
                yield from _unpacked(file.relative_to(path).as_posix(), file.read_bytes())
    elif path.is_file() and zipfile.is_zipfile(path):
        yield from _unpacked(path.name, path.read_bytes())
    else:
        raise DeidError(
            f"{path} is neither a wheel nor a pipeline's folder. Remedy: name the wheel that `spacy package` wrote."
        )


def _unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    yield from _unpacked(f"{name}/{entry.filename}", archive.read(entry))
        return
    yield name, data
    inflated = _inflated(data)
    if inflated:
        yield from _unpacked(name, inflated)


def _inflated(data: bytes) -> bytes:
    """Return the content of bytes that are compressed as a whole, as a DocBin is; b"" for others."""
    for decompress in (
        gzip.decompress,
        zlib.decompress,
        bz2.decompress,
        partial(lzma.decompress, format=lzma.FORMAT_XZ),
    ):
        try:
            return decompress(data)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
            continue
    return b""


def _found(data: bytes, words: frozenset[str], hashes: dict[int, str]) -> frozenset[str]:
    found = {hashes[value] for value in _integers(data, np.array(list(hashes), dtype=np.uint64))}
    for start in range(0, len(data), _BLOCK):
        block = data[max(0, start - 1000) : start + _BLOCK].decode("utf8", errors="replace")
        text = folded(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), block.replace("\ufffd", " ")))
        found |= words.intersection([*re.findall(r"[^\W_]{5,}", text), *re.findall(r"\d{5,}", text)])
        found |= words.intersection(number.removeprefix("#") for number in numbers_in(text))
    return frozenset(found)


def _integers(data: bytes, wanted: NDArray[np.uint64]) -> list[int]:
    """Return the integers of ``wanted`` that the bytes have as msgpack's 64-bit integers or in a numpy array."""
    if not data.startswith(_NPY):
        return _marked_integers(data, wanted)
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except ValueError:  # a damaged array, or one of objects, which are read as text
        return []
    return np.intersect1d(array.view(np.uint64), wanted).tolist() if array.dtype.itemsize == 8 else []


def _marked_integers(data: bytes, wanted: NDArray[np.uint64]) -> list[int]:
    """Return the integers of ``wanted`` that the bytes have as msgpack's 64-bit integers."""
    content = np.frombuffer(data, dtype=np.uint8)
    at = np.flatnonzero(content[: max(0, content.size - 8)] == _UINT64)
    integers = np.zeros(at.size, dtype=np.uint64)
    for offset in range(1, 9):
        integers = integers << np.uint64(8) | content[at + offset]
    return np.intersect1d(integers, wanted).tolist()
