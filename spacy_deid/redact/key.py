"""The secret key of surrogates, shifted dates and hashes."""

import os
import secrets
from pathlib import Path

from spacy_deid.errors import DeidError
from spacy_deid.files import warn_if_others_can_read

ENVIRONMENT = "SPACY_DEID_KEY"
FEWEST_BYTES = 16
_HOW_TO_MAKE = "python -c 'import secrets; print(secrets.token_hex(32))' > deid.key; chmod 600 deid.key"


def read_key(path: str | None) -> bytes:
    """Return the key in the file ``path``, else that in the environment's SPACY_DEID_KEY, else a random one.

    Both hold at least 32 hexadecimal digits (16 bytes). Raises DeidError, which shows nothing of a key, not even where
    one was given in the place of a path.
    """
    if path is not None:
        return _parsed(_read(path), f"The key file {path}")
    if ENVIRONMENT in os.environ:
        return _parsed(os.environ[ENVIRONMENT], f"The environment's {ENVIRONMENT}")
    return secrets.token_bytes(32)


def _read(path: str) -> str:
    if _is_key(path):
        msg = (
            "The setting 'key' of deid_redact holds a key, which would be written with the pipeline. "
            f"Remedy: name a file that holds it, or set {ENVIRONMENT}."
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
