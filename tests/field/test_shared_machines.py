"""Promise: `adapt` and `generate` choose their threads so that a machine shared with others stays usable."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from spacy_deid.generate.adapt import trainer  # noqa: E402
from spacy_deid.generate.adapt.checkpoints import keep_threads, kept_threads  # noqa: E402
from spacy_deid.generate.adapt.threads import StepTimes, choose_threads  # noqa: E402
from spacy_deid.generate.adapt.trainer import ThreadWatch  # noqa: E402


@pytest.fixture(autouse=True)
def threads(monkeypatch) -> Iterator[None]:
    """Two threads, none of them the user's choice, and afterwards as many as before."""
    before = torch.get_num_threads()
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def step_of(alone: float, together: float):
    """Return a step of so many seconds in one thread, and in more."""
    return lambda: time.sleep(alone if torch.get_num_threads() == 1 else together)


@pytest.mark.parametrize(
    ("alone", "together", "expected"),
    [
        (0.03, 0.25, 1),  # another process has one of two cores: 3 s a step in place of 25
        (0.04, 0.02, 2),  # a quiet machine
        (0.03, 0.03, 2),  # no difference: the usual number, whose results can be had again
        (0.045, 0.05, 2),  # not clearly faster
    ],
)
def test_one_thread_is_taken_where_it_is_clearly_faster(alone, together, expected, monkeypatch) -> None:
    monkeypatch.setattr("spacy_deid.generate.adapt.threads.TRIAL_SECONDS", 0.1)
    threads, told = choose_threads(step_of(alone, together))
    assert threads == torch.get_num_threads() == expected
    assert told.startswith(f"{expected} thread") and "a trial step took" in told


def not_reached() -> None:
    pytest.fail("there is nothing to try")


def test_what_the_user_says_is_not_tried(monkeypatch) -> None:
    assert choose_threads(not_reached, wanted=1) == (1, "1 thread (as the config says)")
    assert torch.get_num_threads() == 1
    torch.set_num_threads(2)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert choose_threads(not_reached) == (2, "2 threads (as OMP_NUM_THREADS says)")


def test_one_core_leaves_no_choice() -> None:
    torch.set_num_threads(1)
    assert choose_threads(not_reached)[0] == 1


def test_a_run_that_goes_on_keeps_to_its_threads_as_long_as_it_can(tmp_path: Path, monkeypatch) -> None:
    """Another number of threads rounds in other places, and ends with another adapter."""
    monkeypatch.setattr("spacy_deid.generate.adapt.threads.TRIAL_SECONDS", 0.05)
    assert kept_threads(tmp_path / "nothing yet") == 0
    keep_threads(tmp_path, 1)
    assert choose_threads(not_reached, usual=kept_threads(tmp_path))[0] == 1
    keep_threads(tmp_path, 2)
    assert choose_threads(step_of(0.01, 0.01), usual=kept_threads(tmp_path))[0] == 2
    assert choose_threads(step_of(0.01, 0.1), usual=kept_threads(tmp_path))[0] == 1


@pytest.mark.parametrize(
    ("steps", "grew"),
    [
        ([1.2, 1.3, 1.2, 25, 24, 26], True),  # another process has begun
        ([1.2, 25, 1.2, 24, 1.3, 26], False),  # a stutter now and then
        ([1.2, 2.4, 2.4, 2.4, 2.4, 2.4], False),  # a fair share of a busy machine
        ([25, 24, 26, 25], False),  # slow from the start: the trial's business
    ],
)
def test_steps_that_grow_slow_and_stay_slow_are_noticed(steps: list[float], grew: bool) -> None:
    times = StepTimes()
    noticed = [times.grew(seconds) for seconds in steps]
    assert any(noticed) is grew


def test_training_goes_on_in_one_thread_once_another_process_computes_too(tmp_path, monkeypatch, capsys) -> None:
    now = [0.0]
    monkeypatch.setattr(trainer, "monotonic", lambda: now[0])
    watch = ThreadWatch(tmp_path, quiet=False)
    for seconds in (1, 1, 20, 20, 20, 3, 3):
        watch.on_step_begin(None, None, None)
        now[0] += seconds
        watch.on_step_end(None, None, None)
    assert torch.get_num_threads() == kept_threads(tmp_path) == 1
    assert capsys.readouterr().err.count("another process computes here too") == 1


BUSY = "while True: pass"
TRIAL = """
import json, sys, torch
from spacy_deid.generate.adapt import threads
weights, rows = torch.randn(512, 512), torch.randn(64, 512)

def step():
    for _ in range(30):  # small operations, one after the other, as in a training step
        torch.mm(rows, weights)

torch.set_num_threads(2)
chosen, told = threads.choose_threads(step)
print(json.dumps([threads._seconds(step, chosen), threads._seconds(step, 1), told]))
"""


@pytest.mark.slow
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core leaves no choice")
def test_beside_a_busy_process_the_choice_is_no_trap(tmp_path: Path) -> None:
    """Measured on two cores beside trainings: 4.7 s a step in two threads, 1.1 s in one."""
    env = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    with subprocess.Popen([sys.executable, "-c", BUSY]) as busy:
        try:
            tried = subprocess.run([sys.executable, "-c", TRIAL], capture_output=True, text=True, env=env, timeout=300)
        finally:
            busy.kill()
    assert tried.returncode == 0, tried.stderr
    chosen, alone, told = json.loads(tried.stdout)
    assert chosen < 3 * alone, told
