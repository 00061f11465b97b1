"""An adaptation that is killed, or stopped by Ctrl-C or SIGTERM, continues and ends with the same adapter."""

import signal

import pytest
import torch
from adaptation import CONFIG, run
from safetensors.torch import load_file
from transformers import TrainerCallback
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.errors import Terminated
from spacy_deid.generate.adapt import run as run_module
from spacy_deid.generate.adapt import trainer
from spacy_deid.generate.adapt.checkpoints import StopRequest
from spacy_deid.generate.adapt.trainer import Checkpoints


class Kill(TrainerCallback):
    """Stops a run as Ctrl-C does, in the middle of a step."""

    def __init__(self, step):
        self.step = step

    def on_step_begin(self, args, state, control, **kwargs):
        if state.global_step == self.step:
            raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_killed_run_ends_with_the_same_adapter(tmp_path, overrides, interrupted_by, monkeypatch, dtype):
    overrides |= {"training.dtype": dtype, "lora.dropout": 0.1, "training.checkpoint_seconds": 0}
    run(overrides, tmp_path / "undisturbed")

    with monkeypatch.context() as patch:
        interrupted_by(patch, Kill(10))
        with pytest.raises(KeyboardInterrupt):
            run(overrides, tmp_path / "killed")
    (half,) = (tmp_path / "killed" / "checkpoints").iterdir()
    (half / "checkpoint-11").mkdir()  # as a kill during its writing leaves it
    manifest = run(overrides, tmp_path / "killed")

    assert manifest["training"]["resumed_from_step"] == 10
    assert same_adapters(tmp_path / "undisturbed", tmp_path / "killed")


def same_adapters(*folders):
    first, second = (load_file(folder / "adapter_model.safetensors") for folder in folders)
    return first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


@pytest.fixture
def interrupted_by():
    """Return a function that adds a callback to every run of a test."""

    def add(patch, callback):
        make = run_module.make_trainer

        def make_interrupted(*args):
            trainer = make(*args)
            trainer.add_callback(callback)
            return trainer

        patch.setattr(run_module, "make_trainer", make_interrupted)

    return add


class Signals(TrainerCallback):
    """Sends signals to this process in the middle of the step after ``step``, as a user or a system does."""

    def __init__(self, step, *signals):
        self.step = step
        self.signals = signals

    def on_step_begin(self, args, state, control, **kwargs):
        if state.global_step == self.step:
            for number in self.signals:
                signal.raise_signal(number)


def command(overrides, out, config=CONFIG):
    words = [word for name, value in overrides.items() for word in (f"--{name}", str(value))]
    return CliRunner().invoke(app, ["adapt", str(config), str(out), "--quiet", *words])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("signals", "status"),
    [((signal.SIGINT,), 130), ((signal.SIGTERM,), 143), ((signal.SIGTERM, signal.SIGTERM), 143)],
    ids=["Ctrl-C", "SIGTERM", "SIGTERM to the group and from the parent"],
)
def test_a_stopped_run_leaves_a_checkpoint_and_says_how_to_go_on(
    signals, status, tmp_path, overrides, interrupted_by, monkeypatch
):
    run(overrides, tmp_path / "undisturbed")
    with monkeypatch.context() as patch:
        interrupted_by(patch, Signals(4, *signals))
        stopped = command(overrides, tmp_path / "stopped")
    assert stopped.exit_code == status
    assert stopped.output == "Stopped after step 5. The same command goes on from there.\n"
    assert not (tmp_path / "stopped" / "adaptation.json").exists()

    assert command(overrides, tmp_path / "stopped").exit_code == 0
    assert same_adapters(tmp_path / "undisturbed", tmp_path / "stopped")


def test_a_second_ctrl_c_stops_at_once(tmp_path, overrides, interrupted_by, monkeypatch):
    with monkeypatch.context() as patch:
        interrupted_by(patch, Signals(4, signal.SIGINT, signal.SIGINT))
        assert command(overrides, tmp_path / "out").exit_code == 130
    assert not list((tmp_path / "out" / "checkpoints").glob("*/checkpoint-*"))


@pytest.mark.parametrize(("stop", "status"), [(KeyboardInterrupt, 130), (Terminated, 143)])
def test_training_with_privacy_says_that_it_begins_anew(stop, status, tmp_path, overrides, monkeypatch):
    config = tmp_path / "private.cfg"
    config.write_text(CONFIG.read_text("utf8") + "\n[privacy]\nepsilon = 8\ndelta = 0.001\nmax_grad_norm = 0.5\n")

    def stopped(*args, **settings):
        raise stop

    monkeypatch.setattr(run_module, "train_privately", stopped)
    result = command(overrides, tmp_path / "out", config)
    assert result.exit_code == status
    assert result.output.endswith("keeps no checkpoint: the same command starts again.\n")


def test_the_handlers_of_before_are_put_back():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with StopRequest() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop.requested
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    with pytest.raises(Terminated, match="go on"):
        stop.raise_if_requested("go on")


class Control:
    should_save = should_training_stop = False


@pytest.mark.parametrize(
    ("step_seconds", "every", "saved_after_steps"),
    [(25, 120, [5, 10]), (200, 120, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), (1, 120, []), (1, 0, list(range(1, 11)))],
)
def test_checkpoints_come_by_time_however_long_a_step_takes(step_seconds, every, saved_after_steps, monkeypatch):
    """A run had steps of 25 s beside another process, and a kill at step 70 lost 11 minutes: now two at most."""
    clock = iter(range(0, 10**6, step_seconds))
    now = [next(clock)]
    monkeypatch.setattr(trainer, "monotonic", lambda: now[0])
    asked = Checkpoints(every, StopRequest())
    asked.on_train_begin(None, None, None)
    saved = []
    for step in range(1, 11):
        now[0] = next(clock)
        control = Control()
        asked.on_step_end(None, None, control)
        if control.should_save:
            asked.on_save(None, None, control)
            saved.append(step)
    assert saved == saved_after_steps
