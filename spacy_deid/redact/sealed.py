"""An encrypted file that records are appended to, by several processes at once and whatever kills them.

The first line says how the key is derived from the passphrase (scrypt, RFC 7914); each further line is a record: JSON
under AES-256-GCM, with a nonce of its own. A line without its end is what a killed write left, and counts for nothing.
The number and the length of records can be seen without the passphrase, nothing else.
"""

import base64
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spacy_deid.errors import DeidError
from spacy_deid.extras import how_to_install
from spacy_deid.files import PRIVATE, atomic

_FORMAT = "spacy-deid vault 1"
# 128 MB and some tenths of a second for each guess (OWASP's advice for scrypt of 2023: N = 2^17, r = 8, p = 1)
_COST = 2**17
_COSTS = [2**exponent for exponent in range(1, 21)]  # what a file may ask for
_NONCE = 12  # bytes; random ones do for 2^32 records (NIST SP 800-38D)
_BLOCK = 2**16


class SealedFile:
    """Records of JSON in an encrypted file; it is made when the first record is appended, readable by its owner only.

    A passphrase that is not the file's is a DeidError, and so is a line that somebody changed.
    """

    def __init__(self, path: Path, passphrase: bytes) -> None:
        self.path = path
        self._passphrase = passphrase
        self._header = b""
        self._cipher: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_header": b"", "_cipher": None}  # a cipher cannot go to another process

    def append(self, records: Iterable[Any]) -> None:
        """Add records, all or, after an error, none; they are on the disk when this returns."""
        with self._locked() as file:
            size = _size_of_whole_lines(file)
            os.ftruncate(file, size)
            try:
                if size == 0:
                    _write(file, self._new_header(), at=0)
                else:
                    self._open(os.pread(file, _BLOCK, 0).partition(b"\n")[0])
                _write(file, b"".join(map(self._sealed, records)), at=os.fstat(file).st_size)
                os.fsync(file)
            except BaseException:
                os.ftruncate(file, size)
                raise

    def __iter__(self) -> Iterator[Any]:
        """Yield the records in their order."""
        self._must_exist()
        with self.path.open("rb") as file:
            self._open(file.readline().rstrip(b"\n"))
            for number, line in enumerate(file, start=2):
                if line.endswith(b"\n"):
                    yield self._unsealed(line, number)

    def rewrite(self, keep: Callable[[Any], bool], passphrase: bytes | None = None) -> int:
        """Write the file anew with the records that ``keep`` is true for; return how many it was not true for.

        passphrase: what opens the file from then on. The earlier file stays whole until the new one takes its place.
        """
        self._must_exist()
        left_out = 0
        new = SealedFile(self.path, self._passphrase if passphrase is None else passphrase)
        with self._locked(), atomic(self.path) as temporary, temporary.open("wb") as written:
            written.write(new._new_header())
            for record in self:
                if keep(record):
                    written.write(new._sealed(record))
                else:
                    left_out += 1
        self._passphrase = new._passphrase
        return left_out

    def _must_exist(self) -> None:
        if not self.path.is_file():
            raise DeidError(f"There is no vault {self.path}. Remedy: name the file that deid_redact wrote.")

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Give the file while no other process has it."""
        import fcntl  # not on Windows

        while True:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if _is_at(file, self.path):  # another process may have written it anew meanwhile
                    yield file
                    return
            finally:
                os.close(file)

    def _new_header(self) -> bytes:
        salt = secrets.token_bytes(16)
        self._cipher = _cipher(self._passphrase, salt, _COST)
        fields = {"format": _FORMAT, "scrypt_n": _COST, "salt": salt.hex(), "check": self._encrypted(b"", salt).hex()}
        self._header = json.dumps(fields).encode("ascii")
        return self._header + b"\n"

    def _open(self, header: bytes) -> None:
        """Derive the key, once for a header."""
        if header == self._header:
            return
        try:
            fields = json.loads(header)
            cost, salt, check = fields["scrypt_n"], bytes.fromhex(fields["salt"]), bytes.fromhex(fields["check"])
            if fields["format"] != _FORMAT or type(cost) is not int or cost not in _COSTS:
                raise ValueError
        except (ValueError, KeyError, TypeError):
            raise DeidError(f"{self.path} is no vault of this version. Remedy: name another file.") from None
        self._cipher = _cipher(self._passphrase, salt, cost)
        if self._decrypted(check, salt) is None:
            raise DeidError(f"The passphrase is not that of {self.path}. Remedy: give the one it was made with.")
        self._header = header

    def _sealed(self, record: Any) -> bytes:
        data = json.dumps(record, separators=(",", ":")).encode("ascii")
        return base64.b64encode(self._encrypted(data, self._header)) + b"\n"

    def _unsealed(self, line: bytes, number: int) -> Any:
        try:
            data = self._decrypted(base64.b64decode(line), self._header)
        except ValueError:
            data = None
        if data is None:
            raise DeidError(f"{self.path}, line {number}, is damaged. Remedy: take the vault from a backup.")
        return json.loads(data)

    def _encrypted(self, data: bytes, bound_to: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        sealed: bytes = self._cipher.encrypt(nonce, data, bound_to)
        return nonce + sealed

    def _decrypted(self, sealed: bytes, bound_to: bytes) -> bytes | None:
        from cryptography.exceptions import InvalidTag

        try:
            data: bytes = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to)
        except (InvalidTag, ValueError):  # ValueError: a nonce that is too short
            return None
        return data


def _cipher(passphrase: bytes, salt: bytes, cost: int) -> Any:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
    except ModuleNotFoundError:
        msg = f"A vault needs the package cryptography. Remedy: {how_to_install('cryptography')}."
        raise DeidError(msg) from None
    return AESGCM(Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase))


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _size_of_whole_lines(file: int) -> int:
    """Return where the last whole line ends."""
    end = os.fstat(file).st_size
    while end:
        start = max(0, end - _BLOCK)
        newline = os.pread(file, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def _write(file: int, data: bytes, *, at: int) -> None:
    while data:
        written = os.pwrite(file, data, at)
        data, at = data[written:], at + written
