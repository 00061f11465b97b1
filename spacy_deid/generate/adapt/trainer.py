"""Training: transformers' Trainer with packed blocks, a memory-saving loss, and callbacks between two steps."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor, nn
from tqdm import tqdm
from transformers import ProgressCallback, Trainer, TrainerCallback, TrainingArguments, default_data_collator
from transformers.trainer_callback import PrinterCallback

from spacy_deid.errors import DeidError
from spacy_deid.generate.adapt.checkpoints import StopRequest, full_disk_as_oserror, keep_threads, latest_checkpoint
from spacy_deid.generate.adapt.data import IGNORED, Blocks
from spacy_deid.generate.adapt.optimization import MasterAdamW, summed_loss
from spacy_deid.generate.adapt.settings import Training
from spacy_deid.generate.adapt.threads import StepTimes

LOGGED_EVERY = 5  # number of steps between two losses on the progress bar


class LossBar(TrainerCallback):
    """A progress bar over steps that shows the latest loss."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Open the bar, at the step from which a resumed run continues."""
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
    """Requests a checkpoint every ``seconds``, after the last step, and if a signal asks the run to stop."""

    def __init__(self, seconds: float, stop: StopRequest) -> None:
        self.seconds = seconds
        self.stop = stop

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Start the clock."""
        self.saved = monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Request a checkpoint if it is due, and the end of the training if a signal asked for it."""
        if self.stop.requested:
            control.should_training_stop = True
        if control.should_training_stop or monotonic() - self.saved >= self.seconds:
            control.should_save = True

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Restart the clock."""
        self.saved = monotonic()


class ThreadWatch(TrainerCallback):
    """Continues in one thread once slow steps show that another process occupies one of the cores."""

    def __init__(self, folder: Path, quiet: bool) -> None:
        self.folder = folder
        self.quiet = quiet
        self.times = StepTimes()

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Start to time the step."""
        self.begun = monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Change to one thread if the last steps were slow."""
        if torch.get_num_threads() > 1 and self.times.grew(monotonic() - self.begun):
            torch.set_num_threads(1)
            keep_threads(self.folder, 1)
            report(
                "Steps take three times as long as before: another process computes here too. Now in 1 thread.",
                self.quiet,
            )


def report(line: str, quiet: bool) -> None:
    """Print a line on stderr, above the progress bar if there is one."""
    if not quiet:
        tqdm.write(line, file=sys.stderr)


class AdaptationTrainer(Trainer):
    """Trainer with `summed_loss`, which stops at the first loss that is not a finite number."""

    def compute_loss(
        self,
        model: PeftModel,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | None = None,
    ) -> Tensor:
        """Return the mean loss over the step's targets; ``num_items_in_batch``: their number in the whole step."""
        targets = inputs["labels"]
        count = (targets != IGNORED).sum() if num_items_in_batch is None else num_items_in_batch
        loss = summed_loss(model.get_base_model(), inputs["input_ids"], targets) / count
        require_finite(loss, self.state.global_step + 1)
        return loss

    def _load_from_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: MasterAdamW restores the weights, and peft would replace them by new float32 ones."""


def require_finite(loss: Tensor, step: int) -> None:
    """Raise DeidError if the loss of a step is not a finite number."""
    if not torch.isfinite(loss):
        raise DeidError(
            f"The loss is {loss.item()} at step {step}. "
            "Remedy: a lower training.learning_rate, or training.dtype = 'float32'."
        )


def make_trainer(model: PeftModel, blocks: Blocks, training: Training, folder: Path, quiet: bool) -> Trainer:
    """Return a Trainer of the adapters.

    Args:
        model: The model, whose adapters alone have gradients.
        blocks: Packed training data.
        training: Hyperparameters.
        folder: Folder for checkpoints.
        quiet: Show no progress bar.
    """
    pairs = zip(torch.from_numpy(blocks.inputs), torch.from_numpy(blocks.targets), strict=True)
    rows = [{"input_ids": inputs, "labels": targets} for inputs, targets in pairs]
    return trainer_of(AdaptationTrainer, model, rows, training, folder, collator=default_data_collator, quiet=quiet)


def trainer_of(
    kind: type[Trainer],
    model: nn.Module,
    rows: Sequence[Any],
    training: Training,
    folder: Path,
    *,
    collator: Callable[[list[Any]], dict[str, Any]],
    quiet: bool,
) -> Trainer:
    """Return a Trainer with the optimizer and the callbacks of an adaptation.

    Args:
        kind: Its class, which computes the loss.
        model: The model; weights without gradients stay as they are.
        rows: Training data.
        training: Hyperparameters.
        folder: Folder for checkpoints.
        collator: Makes a batch of ``training.batch_size`` rows.
        quiet: Show no progress bar.
    """
    on_cpu = next(model.parameters()).device.type == "cpu"
    arguments = TrainingArguments(
        output_dir=str(folder),
        use_cpu=on_cpu,
        seed=training.seed,
        num_train_epochs=training.epochs,
        max_steps=training.max_steps or -1,
        per_device_train_batch_size=training.batch_size,
        gradient_accumulation_steps=training.gradient_accumulation,
        gradient_checkpointing=training.gradient_checkpointing,
        gradient_checkpointing_kwargs={"use_reentrant": False},
        lr_scheduler_type="cosine",
        warmup_ratio=training.warmup_ratio,
        save_strategy="no",  # the callback Checkpoints requests them
        save_total_limit=2,
        logging_steps=LOGGED_EVERY,
        logging_nan_inf_filter=False,
        report_to="none",
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=not on_cpu,
    )
    optimizer = MasterAdamW(
        (parameter for parameter in model.parameters() if parameter.requires_grad), training.learning_rate
    )
    trainer = kind(
        model=model,
        args=arguments,
        train_dataset=rows,  # type: ignore[arg-type]
        data_collator=collator,
        optimizers=(optimizer, None),
        callbacks=[LossBar(quiet), ThreadWatch(folder, quiet)],
    )
    trainer.model_accepts_loss_kwargs = True  # compute_loss divides by the targets of all accumulated batches
    for printer in (ProgressCallback, PrinterCallback):
        trainer.remove_callback(printer)
    return trainer


def train(trainer: Trainer, folder: Path, checkpoint_seconds: float) -> int:
    """Train to the end, from the latest complete checkpoint if there is one; return the step at which it began.

    Args:
        trainer: See `make_trainer`.
        folder: Folder of the checkpoints.
        checkpoint_seconds: Time between two checkpoints.

    Raises:
        KeyboardInterrupt: On Ctrl-C (Terminated on SIGTERM), after the current step and a checkpoint.
        OSError: With ENOSPC, if the disk is full.
    """
    checkpoint = latest_checkpoint(folder)
    with full_disk_as_oserror(folder), StopRequest() as stop:
        trainer.add_callback(Checkpoints(checkpoint_seconds, stop))
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    stop.raise_if_requested(f"Stopped after step {trainer.state.global_step}. The same command goes on from there.")
    return int(checkpoint.name.removeprefix("checkpoint-")) if checkpoint else 0
