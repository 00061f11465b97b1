"""The journal of a run, in a SQLite database: each finished file or part, which survives a kill.

Entries are found by a keyed hash of the input's path and bytes, so that the journal holds no name that was not written.
The key stays with the journal. The neutral names of outputs are made from the hash, and without a key anybody could
try names and numbers of patients until one fits.
"""

import errno
import hashlib
import hmac
import json
import sqlite3
from collections.abc import Iterator, Mapping, Set
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from spacy_deid.apply.summary import FileCounts
from spacy_deid.errors import DeidError
from spacy_deid.files import PRIVATE, sha256

_DIGITS = 32
# EXCLUSIVE: the file is locked until it is closed. Only this process holds the lock: a kill ends it, and children do
# not inherit it. OFF: no write waits for the disk, since a continued run compares every output's hash.
# secure_delete: a name that was replaced by a neutral one is overwritten
_PRAGMAS = ("locking_mode = EXCLUSIVE", "synchronous = OFF", "secure_delete = ON")
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS run (settings TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, entry TEXT NOT NULL) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A finished file, or a part of one.

    Attributes:
        key: See `key_of`.
        input: The SHA-256 of the bytes that were read, by which the holder finds the original.
        output: The path below OUT (of a part: below the work folder), or None if nothing was written.
        sha256: The SHA-256 of the bytes that were written.
        counts: The counts of the documents.
        failed: Pairs of a document and the reason why it failed.
    """

    key: str
    input: str
    output: str | None
    sha256: str
    counts: FileCounts
    failed: list[tuple[str, str]] = field(default_factory=list)


def key_of(secret: bytes, name: str, digest: str) -> str:
    """Return the key of an input, which reveals nothing of the input without the secret.

    Args:
        secret: The key of the hash.
        name: The input's path below IN.
        digest: The SHA-256 of its bytes."""
    data = f"{name}\0{digest}".encode("utf8", "surrogateescape")
    return hmac.digest(secret, data, hashlib.sha256).hex()[:_DIGITS]


class Journal:
    """The entries of the only run that may write to OUT; each is in the file before `add` returns."""

    def __init__(self, path: Path, out: Path) -> None:
        """Open or create the journal, and lock it. Raises DeidError if another run writes to ``out``."""
        self._path, self._out = path, out
        path.touch(mode=PRIVATE)
        self._database = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            self._run(*(f"PRAGMA {pragma}" for pragma in _PRAGMAS), "BEGIN EXCLUSIVE", *_SCHEMA, "COMMIT")
        except BaseException:
            self.close()
            raise

    def clear(self) -> None:
        """Delete all entries, because their OUT is gone."""
        self._run("DELETE FROM entry", "DELETE FROM run")

    def begin(self, settings: Mapping[str, Any]) -> None:
        """Record the settings; DeidError if the run was begun with others."""
        begun = self._execute("SELECT settings FROM run").fetchone()
        if begun is None:
            self._execute("INSERT INTO run VALUES (?)", json.dumps(settings))
        else:
            _check_settings(json.loads(begun[0]), settings, self._path)

    def find(self, key: str, root: Path) -> JournalEntry | None:
        """Return the entry of a key if none of its documents failed and its output is unchanged below ``root``."""
        row = self._execute("SELECT entry FROM entry WHERE key = ?", key).fetchone()
        entry = None if row is None else self._parsed(row[0])
        if entry is None or entry.failed or (entry.output is not None and not holds(root / entry.output, entry.sha256)):
            return None
        return entry

    def read(self, key: str) -> JournalEntry:
        """Return the entry of a key, which must exist."""
        return self._parsed(self._execute("SELECT entry FROM entry WHERE key = ?", key).fetchone()[0])

    def others(self, keys: Set[str]) -> Iterator[JournalEntry]:
        """Yield the entries of all keys except ``keys``."""
        for key, entry in self._execute("SELECT key, entry FROM entry"):
            if key not in keys:
                yield self._parsed(entry)

    def add(self, entry: JournalEntry) -> None:
        """Write an entry; it replaces an earlier one of the same key."""
        self._execute("INSERT OR REPLACE INTO entry VALUES (?, ?)", entry.key, json.dumps(asdict(entry)))

    def close(self) -> None:
        """Close the file, and release the lock."""
        self._database.close()

    def _run(self, *statements: str) -> None:
        for statement in statements:
            self._execute(statement)

    def _execute(self, statement: str, *values: str) -> sqlite3.Cursor:
        try:
            return self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise self._as_error(error) from None

    def _as_error(self, error: sqlite3.Error) -> Exception:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_BUSY:
            return DeidError(f"Another run is writing to {self._out}. Remedy: wait for it, or name another OUT.")
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return self._damaged()
        return OSError(errno.ENOSPC if code == sqlite3.SQLITE_FULL else errno.EIO, str(error), str(self._path))

    def _parsed(self, entry: str) -> JournalEntry:
        try:
            fields = json.loads(entry)
            return JournalEntry(**fields | {"counts": FileCounts(**fields["counts"])})
        except (ValueError, TypeError, KeyError):
            raise self._damaged() from None

    def _damaged(self) -> DeidError:
        return DeidError(f"{self._path} is damaged. Remedy: remove it together with what was written, and run again.")


def _check_settings(begun: Mapping[str, Any], now: Mapping[str, Any], path: Path) -> None:
    changed = [name for name in now if begun.get(name) != now[name]]
    if changed:
        raise DeidError(
            f"The run in {path} was begun with other settings ({', '.join(changed)} changed since). "
            "Remedy: name another OUT, or remove this one and that folder."
        )


def holds(path: Path, digest: str) -> bool:
    """Whether a file exists and has a SHA-256."""
    return path.is_file() and sha256(path) == digest
