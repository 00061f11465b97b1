"""The key of surrogates, shifted dates and hashes, and the passphrase of a vault.

Both come from a file or the environment, never from a command line, which other users can see.
"""

import os
import secrets
from pathlib import Path

from spacy_deid.errors import DeidError
from spacy_deid.files import warn_if_others_can_read

KEY = "SPACY_DEID_KEY"  # in the environment
PASSPHRASE = "SPACY_DEID_PASSPHRASE"  # noqa: S105  in the environment too
FEWEST_BYTES = 16  # of a key
FEWEST_CHARACTERS = 8  # of a passphrase
_HOW_TO_MAKE = "python -c 'import secrets; print(secrets.token_hex(32))' > deid.key; chmod 600 deid.key"


def read_key(path: str | None) -> bytes:
    """Return the key in the file ``path``, else that in the environment's SPACY_DEID_KEY, else a random one.

    A key has at least 32 hexadecimal digits (16 bytes). Raises DeidError, which shows no part of a key, even if a key
    was given instead of a path.
    """
    if path is not None:
        return _parsed(_read(path), f"The key file {path}")
    if KEY in os.environ:
        return _parsed(os.environ[KEY], f"The environment's {KEY}")
    return secrets.token_bytes(32)


def _read(path: str) -> str:
    if _is_key(path):
        msg = (
            "The setting 'key' of deid_redact is a key itself, which would be saved with the pipeline. "
            f"Remedy: name a file that holds it, or set {KEY}."
        )
        raise DeidError(msg)
    try:
        content = Path(path).read_bytes().decode("latin1")
        warn_if_others_can_read(Path(path))
    except (OSError, ValueError):  # ValueError: a NUL in the path
        msg = f"The setting 'key' of deid_redact names no file that can be read. Remedy: make one by {_HOW_TO_MAKE}"
        raise DeidError(msg) from None
    return content


def _is_key(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) >= FEWEST_BYTES
    except ValueError:
        return False


def _parsed(text: str, where: str) -> bytes:
    if not _is_key(text):
        raise DeidError(
            f"{where} does not hold {2 * FEWEST_BYTES} or more hexadecimal digits. Remedy: make one by {_HOW_TO_MAKE}"
        )
    return bytes.fromhex(text)


def read_passphrase(path: str | Path | None) -> bytes | None:
    """Return the passphrase in the file ``path``, else that in SPACY_DEID_PASSPHRASE, else None.

    The file may also contain a key, such as `python -c 'import secrets; print(secrets.token_hex(32))'` prints; white
    space at its ends is ignored. Raises DeidError, which shows no part of it, if it cannot be read or is too short.
    """
    if path is None:
        given = os.environ.get(PASSPHRASE)
        return None if given is None else checked_passphrase(given.encode("utf8", "surrogateescape"))
    try:
        content = Path(path).read_bytes()
        warn_if_others_can_read(Path(path))
    except (OSError, ValueError):  # ValueError: a NUL in the path
        # the path is not shown, since a user may have given the passphrase instead
        msg = "The file of the passphrase cannot be read. Remedy: name a file that holds it."
        raise DeidError(msg) from None
    return checked_passphrase(content)


def checked_passphrase(passphrase: bytes) -> bytes:
    """Return a passphrase without white space at its ends; DeidError if it has fewer than eight characters."""
    passphrase = passphrase.strip()
    if len(passphrase.decode("utf8", "replace")) < FEWEST_CHARACTERS:
        raise DeidError(f"The passphrase has fewer than {FEWEST_CHARACTERS} characters. Remedy: choose a longer one.")
    return passphrase
