"""Training that was killed goes on from its latest whole checkpoint."""

import shutil
from pathlib import Path

import srsly

FOLDER = "checkpoints"
# Trainer writes this one last, so a checkpoint without it was cut short by a kill
LAST_WRITTEN = "trainer_state.json"
THREADS = "threads.json"


def checkpoint_folder(out: Path, fingerprint: str) -> Path:
    """Return the folder for one run's checkpoints, made for its owner only: weights remember what they were taught.

    ``fingerprint`` stands for the run's settings and input, so that no run goes on from another's checkpoints.
    """
    folder = out / FOLDER / fingerprint[:16]
    folder.mkdir(parents=True, exist_ok=True)
    (out / FOLDER).chmod(0o700)
    return folder


def latest_checkpoint(folder: Path) -> Path | None:
    """Return the whole checkpoint with the most steps, or None; remove those that a kill cut short."""
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
    """Note the number of threads that the run computes in: another one rounds in other places."""
    folder.mkdir(parents=True, exist_ok=True)
    srsly.write_json(folder / THREADS, threads)


def kept_threads(folder: Path) -> int:
    """Return the number of threads that the run computed in before it was stopped; 0 where there is none."""
    try:
        return int(srsly.read_json(folder / THREADS))
    except (ValueError, TypeError):  # absent, or half written
        return 0


def remove_checkpoints(out: Path) -> None:
    """Remove the checkpoints of this run and of any earlier one."""
    shutil.rmtree(out / FOLDER, ignore_errors=True)
