"""One run at a time in one place."""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spacy_deid.errors import DeidError

if sys.platform != "win32":
    import fcntl


@contextmanager
def only_run(path: Path, out: Path) -> Iterator[None]:
    """Hold the lock ``path``; DeidError where another process has it, and so writes to ``out``. Not held on Windows.

    The lock is this process's alone: what it starts does not hold it on after a kill.
    """
    with path.open("ab") as file:
        if sys.platform != "win32":
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in (errno.EACCES, errno.EAGAIN):
                    raise
                raise DeidError(f"Another run is writing to {out}. Remedy: wait for it, or name another OUT.") from None
        yield
