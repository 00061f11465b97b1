"""A full disk told as one, however the writers of weights word it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

# how safetensors, and torch in two ways, say that the disk is full
_SIGNS = ("No space left", "failed writing file", "unexpected pos")


@contextmanager
def full_disk_as_oserror(folder: Path) -> Iterator[None]:
    """Raise OSError with ENOSPC where torch or safetensors fail in their own ways to write into ``folder``."""
    try:
        yield
    except (RuntimeError, SafetensorError) as error:
        if any(sign in str(error) for sign in _SIGNS):
            raise OSError(errno.ENOSPC, "No space left on device", str(folder)) from error
        raise
