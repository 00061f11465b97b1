"""The number of torch's threads: the usual number, unless one thread is faster beside other processes.

The threads of one operation wait for one another, by default in a busy loop. If another process occupies one of two
cores, a step in two threads can take four to twenty times as long as in one.
"""

import os
from collections.abc import Callable, Sequence
from itertools import chain, islice
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import torch

from spacy_deid.generate.adapt.optimization import summed_loss

if TYPE_CHECKING:
    from peft import PeftModel

CLEARLY_FASTER = 0.8  # one thread is used if it needs less than this share of the time: the number changes results
TRIAL_SECONDS = 0.5  # at least, for each number of threads; at least one trial step
TRIAL_TOKENS = 128


def choose_threads(work: Callable[[], object], *, wanted: int = 0, usual: int = 0) -> tuple[int, str]:
    """Set torch's number of threads; return it, and the reason in words.

    Args:
        work: A short part of the coming work, which is timed unless the user has chosen a number.
        wanted: The user's number, which is used as it is, like OMP_NUM_THREADS; 0 for none.
        usual: The number that is compared with one thread; 0 for torch's default.
    """
    usual = usual or torch.get_num_threads()
    if wanted:
        threads, reason = wanted, "as the config says"
    elif "OMP_NUM_THREADS" in os.environ:
        threads, reason = torch.get_num_threads(), "as OMP_NUM_THREADS says"
    elif usual == 1:
        threads, reason = 1, "one core"
    else:
        torch.set_num_threads(1)  # first, because a step in threads that wait for one another takes the longest
        work()  # the first time takes longer with any number of threads
        alone, together = (_seconds(work, count) for count in (1, usual))
        threads = 1 if alone < CLEARLY_FASTER * together else usual
        reason = f"a trial step took {alone:.2g} s in 1 thread and {together:.2g} s in {usual}"
    torch.set_num_threads(threads)
    return threads, f"{threads} thread{'s' * (threads > 1)} ({reason})"


def trial_step(model: "PeftModel", documents: Sequence[Sequence[int]]) -> Callable[[], object]:
    """Return a small training step: loss and gradients of the first tokens, which are not used."""
    ids = torch.tensor([list(islice(chain.from_iterable(documents), TRIAL_TOKENS + 1))], device=model.device)
    weights = [weight for weight in model.parameters() if weight.requires_grad]

    def step() -> object:
        loss = summed_loss(model.get_base_model(), ids[:, :-1], ids[:, 1:])
        return torch.autograd.grad(loss, weights)

    return step


class StepTimes:
    """Detects that steps have become so slow that another process must be competing for the cores."""

    SLOWER = 3  # times the fastest step
    IN_A_ROW = 3

    def __init__(self) -> None:
        self._fastest = float("inf")
        self._slow = 0

    def grew(self, seconds: float) -> bool:
        """Count one more step; return whether the last few steps all took much longer than the fastest."""
        self._fastest = min(self._fastest, seconds)
        self._slow = self._slow + 1 if seconds > self.SLOWER * self._fastest else 0
        return self._slow >= self.IN_A_ROW


def _seconds(work: Callable[[], object], threads: int) -> float:
    torch.set_num_threads(threads)
    times: list[float] = []
    while sum(times) < TRIAL_SECONDS:
        begun = perf_counter()
        work()
        times.append(perf_counter() - begun)
    return median(times)
