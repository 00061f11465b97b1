"""Makes a run stoppable: checkpoints, Ctrl-C and SIGTERM between steps, and a full disk."""

import errno
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import srsly
from safetensors import SafetensorError

from spacy_deid.errors import Terminated

FOLDER = "checkpoints"
# Trainer writes this one last, so a checkpoint without it was cut short by a kill
LAST_WRITTEN = "trainer_state.json"
THREADS = "threads.json"
# parts of the messages of safetensors (first) and torch if the disk is full
_SIGNS = ("No space left", "failed writing file", "unexpected pos")


def checkpoint_folder(out: Path, fingerprint: str) -> Path:
    """Return the folder for one run's checkpoints, readable by its owner only: weights memorise training data.

    ``fingerprint`` identifies the run's settings and inputs, so that no run continues from another run's checkpoints.
    """
    folder = out / FOLDER / fingerprint[:16]
    folder.mkdir(parents=True, exist_ok=True)
    (out / FOLDER).chmod(0o700)
    return folder


def latest_checkpoint(folder: Path) -> Path | None:
    """Return the complete checkpoint with the most steps, or None; remove incomplete ones of a run that was killed."""
    whole = []
    for checkpoint in folder.glob("checkpoint-*"):
        if _is_whole(checkpoint):
            whole.append(checkpoint)
        else:
            shutil.rmtree(checkpoint)
    return max(whole, key=lambda checkpoint: int(checkpoint.name.removeprefix("checkpoint-")), default=None)


def _is_whole(checkpoint: Path) -> bool:
    try:
        return bool(srsly.read_json(checkpoint / LAST_WRITTEN))
    except ValueError:  # absent, or half written
        return False


def keep_threads(folder: Path, threads: int) -> None:
    """Store the run's number of threads: with another number, rounding differs."""
    folder.mkdir(parents=True, exist_ok=True)
    srsly.write_json(folder / THREADS, threads)


def kept_threads(folder: Path) -> int:
    """Return the number of threads that the run used before it was stopped; 0 if there is none."""
    try:
        return int(srsly.read_json(folder / THREADS))
    except (ValueError, TypeError):  # absent, or half written
        return 0


def remove_checkpoints(out: Path) -> None:
    """Remove the checkpoints of this run and of any earlier one."""
    shutil.rmtree(out / FOLDER, ignore_errors=True)


class StopRequest:
    """Records Ctrl-C and SIGTERM within ``with`` instead of stopping at once; a second Ctrl-C stops at once.

    A signal that this process ignores, as with nohup, stays ignored.
    """

    def __init__(self) -> None:
        self._signal = 0
        self._earlier: dict[int, Any] = {}

    @property
    def requested(self) -> bool:
        """Whether a signal has asked the run to stop."""
        return self._signal != 0

    def raise_if_requested(self, how_to_go_on: str) -> None:
        """Raise the exception of the signal, if there was one, with the message ``how_to_go_on``."""
        if self.requested:
            raise (Terminated if self._signal == signal.SIGTERM else KeyboardInterrupt)(how_to_go_on)

    def __enter__(self) -> "StopRequest":
        if threading.current_thread() is threading.main_thread():  # elsewhere Python takes no signals
            for number in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._earlier[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number == self._signal == signal.SIGINT:
            raise KeyboardInterrupt
        self._signal = number


@contextmanager
def full_disk_as_oserror(folder: Path) -> Iterator[None]:
    """Raise OSError with ENOSPC if torch or safetensors fail to write into ``folder`` because the disk is full."""
    try:
        yield
    except (RuntimeError, SafetensorError) as error:
        if any(sign in str(error) for sign in _SIGNS):
            raise OSError(errno.ENOSPC, "No space left on device", str(folder)) from error
        raise
