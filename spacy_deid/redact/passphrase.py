"""The passphrase of a vault: from a file or the environment, never from a command line, which others can list."""

import os
from pathlib import Path

from spacy_deid.errors import DeidError
from spacy_deid.files import warn_if_others_can_read

ENVIRONMENT = "SPACY_DEID_PASSPHRASE"
FEWEST_CHARACTERS = 8


def read_passphrase(path: str | Path | None) -> bytes | None:
    """Return the passphrase in the file ``path``, else that in SPACY_DEID_PASSPHRASE, else None.

    The file may hold a key as well, such as `python -c 'import secrets; print(secrets.token_hex(32))'` prints; white
    space at its ends does not count. DeidError, which shows nothing of it, where it cannot be read or is too short.
    """
    if path is None:
        given = os.environ.get(ENVIRONMENT)
        return None if given is None else checked_passphrase(given.encode("utf8", "surrogateescape"))
    try:
        content = Path(path).read_bytes()
        warn_if_others_can_read(Path(path))
    except (OSError, ValueError):  # ValueError: a NUL in the path
        # the path is not shown: somebody may have given the passphrase in its place
        msg = "The file of the passphrase cannot be read. Remedy: name a file that holds it."
        raise DeidError(msg) from None
    return checked_passphrase(content)


def checked_passphrase(passphrase: bytes) -> bytes:
    """Return a passphrase without white space at its ends; DeidError where it has fewer than eight characters."""
    passphrase = passphrase.strip()
    if len(passphrase.decode("utf8", "replace")) < FEWEST_CHARACTERS:
        raise DeidError(f"The passphrase has fewer than {FEWEST_CHARACTERS} characters. Remedy: choose a longer one.")
    return passphrase
