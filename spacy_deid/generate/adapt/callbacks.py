"""What happens between two steps of training: the progress bar, checkpoints by time, a look at the steps' time."""

import sys
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from tqdm import tqdm
from transformers import TrainerCallback

from spacy_deid.generate.adapt.checkpoints import keep_threads
from spacy_deid.generate.adapt.stop import StopWish
from spacy_deid.generate.adapt.threads import StepTimes


class LossBar(TrainerCallback):
    """A progress bar over steps that shows the latest loss."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Open the bar, at the step that a resumed run goes on from."""
        self.bar = tqdm(total=state.max_steps, initial=state.global_step, desc="adapt", unit="step", disable=self.quiet)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Move the bar."""
        self.bar.update()

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **kwargs: Any) -> None:
        """Show the mean loss since the last log."""
        if logs and "loss" in logs:
            self.bar.set_postfix(loss=f"{logs['loss']:.3f}")

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Close the bar."""
        self.bar.close()


class Checkpoints(TrainerCallback):
    """Asks for a checkpoint every ``seconds``, after the last step, and when someone wishes the run to stop."""

    def __init__(self, seconds: float, wish: StopWish) -> None:
        self.seconds = seconds
        self.wish = wish

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Begin to count the time."""
        self.saved = monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Ask for a checkpoint where it is time, and for the end where it is wished."""
        if self.wish.there:
            control.should_training_stop = True
        if control.should_training_stop or monotonic() - self.saved >= self.seconds:
            control.should_save = True

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Count anew."""
        self.saved = monotonic()


class ThreadWatch(TrainerCallback):
    """Goes on in one thread once the steps show that another process has begun to take one of the cores."""

    def __init__(self, folder: Path, quiet: bool) -> None:
        self.folder = folder
        self.quiet = quiet
        self.times = StepTimes()

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Begin to time the step."""
        self.begun = monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Turn to one thread where the last steps were slow."""
        if torch.get_num_threads() > 1 and self.times.grew(monotonic() - self.begun):
            torch.set_num_threads(1)
            keep_threads(self.folder, 1)
            tell(
                "Steps take three times as long as before: another process computes here too. Now in 1 thread.",
                self.quiet,
            )


def tell(line: str, quiet: bool) -> None:
    """Print a line on stderr, above the progress bar if there is one."""
    if not quiet:
        tqdm.write(line, file=sys.stderr)
