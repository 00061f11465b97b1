"""How many threads torch computes in: as many as usual, unless one alone is faster beside what else runs here.

The threads of one operation wait for one another, by default busily. Where another process takes one of two cores, a
step in two threads can take four to twenty times as long as in one.
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

CLEARLY_FASTER = 0.8  # one thread is taken where it needs less than this share of the time: the count changes results
TRIAL_SECONDS = 0.5  # for each count, at least; one trial step in any case
TRIAL_TOKENS = 128


def choose_threads(work: Callable[[], object], *, wanted: int = 0, usual: int = 0) -> tuple[int, str]:
    """Set torch's number of threads; return it, and in words why.

    ``wanted``: the number that the user asked for, taken as it is; OMP_NUM_THREADS likewise. Otherwise ``work``, a
    short part of what is to come, is timed in one thread and in ``usual`` (0: as many as torch would take).
    """
    usual = usual or torch.get_num_threads()
    if wanted:
        threads, reason = wanted, "as the config says"
    elif "OMP_NUM_THREADS" in os.environ:
        threads, reason = torch.get_num_threads(), "as OMP_NUM_THREADS says"
    elif usual == 1:
        threads, reason = 1, "one core"
    else:
        torch.set_num_threads(1)  # the worst trial is a step in threads that wait for one another: no more than needed
        work()  # the first time takes longer, whatever the count
        alone, together = (_seconds(work, count) for count in (1, usual))
        threads = 1 if alone < CLEARLY_FASTER * together else usual
        reason = f"a trial step took {alone:.2g} s in 1 thread and {together:.2g} s in {usual}"
    torch.set_num_threads(threads)
    return threads, f"{threads} thread{'s' * (threads > 1)} ({reason})"


def trial_step(model: "PeftModel", documents: Sequence[Sequence[int]]) -> Callable[[], object]:
    """Return a small step of training: loss and gradients of the first tokens, which are not kept."""
    ids = torch.tensor([list(islice(chain.from_iterable(documents), TRIAL_TOKENS + 1))], device=model.device)
    weights = [weight for weight in model.parameters() if weight.requires_grad]

    def step() -> object:
        loss = summed_loss(model.get_base_model(), ids[:, :-1], ids[:, 1:])
        return torch.autograd.grad(loss, weights)

    return step


class StepTimes:
    """Tells when steps have become so slow that another process must have begun to compute beside this one."""

    SLOWER = 3  # times the fastest step
    IN_A_ROW = 3

    def __init__(self) -> None:
        self._fastest = float("inf")
        self._slow = 0

    def grew(self, seconds: float) -> bool:
        """Count one more step; return whether the last few all took much longer than the fastest."""
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
