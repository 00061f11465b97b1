"""What a run has done so far: a line for each finished file or part, which a kill cannot take back.

Lines are found again by a hash of the input's path and bytes, so that no name is in it that was not written. The hash
has a key, which stays with the journal: the outputs' neutral names are made of it, and without a key everybody could
try names and numbers of patients until one fits.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from spacy_deid.errors import DeidError
from spacy_deid.files import sha256

_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished file, or a part of one.

    key: see `key_of`. output: the path below OUT (or of a part below the work folder), or None where nothing was
    written. documents: how many there were. redacted, unknown: spans by category, by label that labels.toml lacks.
    failed: [document, reason]. named_folders: see `spacy_deid.apply.unit.Outcome`. input, sha256: hashes of the bytes
    read and written.
    """

    key: str
    input: str
    output: str | None
    sha256: str
    documents: int
    redacted: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    failed: list[tuple[str, str]] = field(default_factory=list)
    names_somebody: bool = False
    named_folders: int = 0


def key_of(secret: bytes, name: str, digest: str) -> str:
    """Return by what an input is known: nobody can tell anything of it without the ``secret``."""
    said = f"{name}\0{digest}".encode("utf8", "surrogateescape")
    return hmac.digest(secret, said, hashlib.sha256).hex()[:_DIGITS]


class Journal:
    """The entries of one run; each is in the file before `add` returns."""

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        """Open the journal, or begin it. Raises DeidError where it was begun with other settings."""
        self.path = path
        self._offsets: dict[str, int] = {}
        whole = self._read(settings) if path.exists() else 0
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._file = path.open("r+b")
        self._file.truncate(whole)  # a kill may leave the last line half written
        if not whole:
            self._write({"settings": settings})

    def find(self, key: str, root: Path) -> Entry | None:
        """Return the entry of that key where all its documents went well and its output is still what it was."""
        if key not in self._offsets:
            return None
        entry = self.read(key)
        if entry.failed or (entry.output is not None and not holds(root / entry.output, entry.sha256)):
            return None
        return entry

    def others(self, keys: Set[str]) -> Iterator[Entry]:
        """Yield the latest entry of every key but these."""
        return (self.read(key) for key in self._offsets if key not in keys)

    def read(self, key: str) -> Entry:
        """Return the latest entry of that key."""
        self._file.seek(self._offsets[key])
        return Entry(**json.loads(self._file.readline()))

    def add(self, entry: Entry) -> None:
        """Write an entry; it counts in the place of an earlier one of the same key."""
        self._offsets[entry.key] = self._write(asdict(entry))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, line: Mapping[str, Any]) -> int:
        offset = self._file.seek(0, 2)
        self._file.write(json.dumps(line).encode("ascii") + b"\n")
        self._file.flush()
        return offset

    def _read(self, settings: Mapping[str, Any]) -> int:
        """Find the entries; return how many bytes of whole lines there are."""
        whole = 0
        with self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                if whole:
                    self._offsets[_parsed(line, self.path)["key"]] = whole
                else:
                    _check_settings(_parsed(line, self.path)["settings"], settings, self.path)
                whole += len(line)
        return whole


def _parsed(line: bytes, path: Path) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = json.loads(line)
    except ValueError:
        raise DeidError(
            f"{path} is damaged. Remedy: remove it together with what was written, and run again."
        ) from None
    return parsed


def _check_settings(begun: Mapping[str, Any], now: Mapping[str, Any], path: Path) -> None:
    changed = [name for name in now if begun.get(name) != now[name]]
    if changed:
        raise DeidError(
            f"The run of which {path} tells was begun with other settings ({', '.join(changed)} changed since). "
            "Remedy: name another OUT, or remove this one and that folder."
        )


def holds(path: Path, digest: str) -> bool:
    """Whether a file is there and has that SHA-256."""
    return path.is_file() and sha256(path) == digest
