"""An encrypted file of records: a SQLite database in which every value is sealed.

The key is derived from the passphrase by scrypt (RFC 7914). A record has a head, by which it is found, and a body; each
is JSON under AES-256-GCM with its own nonce, bound to its table and its number. The records are numbered from 1 on
without gaps, and their count is sealed as well. Hence a record that was removed, swapped, changed or taken from another
file is detected; a legitimate removal changes the key. An earlier state of the whole file is not detected, since a
backup is the same. Without the passphrase, only the number and the length of records can be seen.

With SQLite's rollback journal a write is complete or undone, even after a kill. The write-ahead log would be faster,
but it fails on network drives, needs a writable folder even for reading, and makes the vault three files.
"""

import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

from spacy_deid.errors import DeidError
from spacy_deid.extras import how_to_install
from spacy_deid.files import PRIVATE

_FORMAT = "spacy-deid vault 2"
_EARLIER = b'{"format": "spacy-deid vault 1"'
# 128 MB and some tenths of a second for each guess (OWASP's advice for scrypt of 2023: N = 2^17, r = 8, p = 1)
_COST = 2**17
_COSTS = [2**exponent for exponent in range(1, 21)]  # that a file may demand
_NONCE = 12  # bytes; random ones suffice for 2^32 values (NIST SP 800-38D)
_PATIENCE = 600.0  # seconds to wait for another process, which may be resealing all records
# secure_delete: removed data is overwritten; FULL: a commit is on the disk
_PRAGMAS = ("PRAGMA secure_delete = ON", "PRAGMA synchronous = FULL")
_APPLICATION = 0x64656964  # "deid", the application id in SQLite's header
_SCHEMA = (
    f"PRAGMA application_id = {_APPLICATION}",
    "CREATE TABLE vault (header BLOB NOT NULL, count BLOB NOT NULL)",
    "CREATE TABLE head (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL)",
    "CREATE TABLE body (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL)",
)


class SealedRecord(NamedTuple):
    """Two JSON values. head: read to find the record. body: read only of records that were found."""

    head: Any
    body: Any


class SealedFile:
    """Records in an encrypted file, which is created with the first record, readable by its owner only.

    A wrong passphrase or a changed file raises DeidError. Several processes may use the file at the same time.
    """

    def __init__(self, path: Path, passphrase: bytes) -> None:
        self.path = path
        self._passphrase = passphrase
        self._opened: tuple[bytes, _Cipher] | None = None  # the latest header and its cipher, which is slow to derive

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_opened": None}  # a cipher cannot go to another process

    def append(self, records: Iterable[SealedRecord]) -> None:
        """Add all records or, after an error, none; they are on the disk when this returns."""
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
        with self._transaction("IMMEDIATE") as database:
            if not _count(database, "sqlite_master"):
                _run(database, _SCHEMA)
                self._begin(database)
            cipher, count = self._open(database)
            for record in records:
                count += 1
                _insert(database, cipher, count, record)
            _set_count(database, cipher, count)

    def find(self, is_wanted: Callable[[Any], bool]) -> list[SealedRecord]:
        """Return the records whose head ``is_wanted``, in order. Other bodies are not read."""
        self._must_exist()
        with self._transaction("DEFERRED") as database:
            cipher, count = self._open(database)
            heads = database.execute("SELECT number, sealed FROM head ORDER BY number")
            found: list[tuple[int, Any]] = []
            read = 0
            for read, (number, sealed) in enumerate(heads, start=1):
                head = self._unsealed(cipher, sealed, "head", read)
                if is_wanted(head):
                    found.append((number, head))
            if read != count:
                raise self._damaged(f"it should have {count} records and has {read}")
            return [SealedRecord(head, self._read(database, cipher, "body", number)) for number, head in found]

    def rewrite(self, is_kept: Callable[[Any], bool], passphrase: bytes | None = None) -> int:
        """Seal the records whose head ``is_kept`` under a new key, and remove the others.

        Args:
            is_kept: Given the head of each record.
            passphrase: The passphrase from now on. None for the same as before.

        Returns:
            The number of removed records.
        """
        self._must_exist()
        new = SealedFile(self.path, self._passphrase if passphrase is None else passphrase)
        with self._transaction("IMMEDIATE") as database:
            cipher, count = self._open(database)
            database.execute("DELETE FROM vault")
            new_cipher, kept = new._begin(database), 0
            for number in range(1, count + 1):
                record = SealedRecord(*(self._read(database, cipher, table, number) for table in SealedRecord._fields))
                for table in SealedRecord._fields:
                    database.execute(f"DELETE FROM {table} WHERE number = ?", (number,))  # noqa: S608  two constants
                if is_kept(record.head):
                    kept += 1
                    _insert(database, new_cipher, kept, record)
            if any(_count(database, table) != kept for table in SealedRecord._fields):
                why = "there are more records than were written"
                raise self._damaged(why)
            _set_count(database, new_cipher, kept)
        self._passphrase, self._opened = new._passphrase, new._opened
        return count - kept

    def _must_exist(self) -> None:
        if not self.path.is_file():
            raise DeidError(f"There is no vault {self.path}. Remedy: name the file that deid_redact wrote.")

    @contextmanager
    def _transaction(self, kind: Literal["DEFERRED", "IMMEDIATE"]) -> Iterator[sqlite3.Connection]:
        """Yield the database; after an error all changes are undone.

        The connection ends with the transaction, since it must not be inherited by a forked process.
        """
        try:
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)) as database:
                database.text_factory = bytes  # text can only come from tampering and may not be UTF-8
                _run(database, _PRAGMAS)
                database.execute(f"BEGIN {kind}")
                yield database
                database.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._as_deid_error(error) from None

    def _as_deid_error(self, error: sqlite3.Error) -> DeidError:
        """Return SQLite's error as one for the user; its text is about the file, never about its contents."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_NOTADB:
            return self._foreign()
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR):  # ERROR: a table is missing
            return self._damaged(str(error))
        if code == sqlite3.SQLITE_BUSY:
            return DeidError(f"Another process is writing to {self.path}. Remedy: wait for it and run again.")
        return DeidError(
            f"{self.path} cannot be read or written: {error}. Remedy: check the space on its disk and the rights to "
            "its folder, and run again; the vault is as it was."
        )

    def _damaged(self, why: str) -> DeidError:
        return DeidError(f"{self.path} is damaged: {why}. Remedy: take the vault from a backup.")

    def _foreign(self) -> DeidError:
        with self.path.open("rb") as file:
            if file.read(len(_EARLIER)) == _EARLIER:
                return DeidError(
                    f"{self.path} is a vault of an earlier version. Remedy: keep it with that "
                    "version to restore from it, and name a new file for new documents."
                )
        return DeidError(f"{self.path} is not a vault of this version. Remedy: name another file.")

    def _begin(self, database: sqlite3.Connection) -> "_Cipher":
        """Write a header with a new key and a count of 0."""
        salt = secrets.token_bytes(16)
        header = json.dumps({"format": _FORMAT, "scrypt_n": _COST, "salt": salt.hex()}).encode("ascii")
        cipher = _Cipher(self._passphrase, salt, _COST)
        database.execute("INSERT INTO vault VALUES (?, ?)", (header, cipher.sealed(0, "count")))
        self._opened = header, cipher
        return cipher

    def _open(self, database: sqlite3.Connection) -> tuple["_Cipher", int]:
        """Return the cipher, derived once for a header, and the number of records."""
        if database.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
            raise self._foreign()
        header, sealed = database.execute("SELECT header, count FROM vault").fetchone() or (b"", b"")
        if self._opened is None or self._opened[0] != header:
            self._opened = header, _Cipher(self._passphrase, *self._parsed(header))
        cipher = self._opened[1]
        try:
            return cipher, int(cipher.unsealed(sealed, "count"))
        except ValueError:
            self._opened = None
            raise DeidError(
                f"The passphrase is not that of {self.path}. Remedy: give its current passphrase."
            ) from None

    def _parsed(self, header: bytes) -> tuple[bytes, int]:
        try:
            fields = json.loads(header)
            cost, salt = fields["scrypt_n"], bytes.fromhex(fields["salt"])
            if fields["format"] != _FORMAT or type(cost) is not int or cost not in _COSTS:
                raise ValueError
        except (ValueError, KeyError, TypeError):
            raise self._foreign() from None
        return salt, cost

    def _read(self, database: sqlite3.Connection, cipher: "_Cipher", table: str, number: int) -> Any:
        row = database.execute(f"SELECT sealed FROM {table} WHERE number = ?", (number,)).fetchone()  # noqa: S608
        return self._unsealed(cipher, row and row[0], table, number)

    def _unsealed(self, cipher: "_Cipher", sealed: Any, table: str, number: int) -> Any:
        try:
            return cipher.unsealed(sealed, f"{table} {number}")
        except ValueError:
            raise self._damaged(f"record {number} is not what was written") from None


class _Cipher:
    """AES-256-GCM under a key from a passphrase, for JSON bound to its place in the file."""

    def __init__(self, passphrase: bytes, salt: bytes, cost: int) -> None:
        try:
            from cryptography.exceptions import InvalidTag
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
        except ModuleNotFoundError:
            msg = f"A vault needs the package cryptography. Remedy: {how_to_install('cryptography')}."
            raise DeidError(msg) from None
        self._gcm = AESGCM(Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase))
        self._errors = (InvalidTag, TypeError, ValueError)  # the latter two: of a value that was never sealed

    def sealed(self, value: Any, place: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        data = json.dumps(value, separators=(",", ":")).encode("ascii")
        return nonce + self._gcm.encrypt(nonce, data, place.encode("ascii"))

    def unsealed(self, sealed: Any, place: str) -> Any:
        """Return the value; ValueError if it was not sealed with this key for this place."""
        try:
            return json.loads(self._gcm.decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode("ascii")))
        except self._errors:
            msg = f"{place} is not what was sealed."
            raise ValueError(msg) from None


def _run(database: sqlite3.Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        database.execute(statement)


def _insert(database: sqlite3.Connection, cipher: _Cipher, number: int, record: SealedRecord) -> None:
    for table, value in record._asdict().items():
        sealed = cipher.sealed(value, f"{table} {number}")
        database.execute(f"INSERT INTO {table} VALUES (?, ?)", (number, sealed))  # noqa: S608  two constants


def _count(database: sqlite3.Connection, table: str) -> int:
    return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def _set_count(database: sqlite3.Connection, cipher: _Cipher, count: int) -> None:
    database.execute("UPDATE vault SET count = ?", (cipher.sealed(count, "count"),))
