"""Compares the speed of adaptation with that of stock Trainer and peft, in one run on one machine."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Any

import torch
import typer
from peft import get_peft_model
from spacy.cli._util import parse_config_overrides
from tqdm import tqdm
from transformers import PrinterCallback, ProgressCallback, Trainer, TrainingArguments, default_data_collator

from spacy_deid.cli.app import Quiet, msg, reported_errors
from spacy_deid.files import write_json
from spacy_deid.generate.adapt.data import pack, read_texts, tokenize
from spacy_deid.generate.adapt.network import lora_config, open_for_adaptation
from spacy_deid.generate.adapt.settings import AdaptSettings, read_settings
from spacy_deid.generate.adapt.trainer import make_trainer
from spacy_deid.generate.causal_lm import choose_device, choose_dtype, open_causal_lm
from spacy_deid.models.resolve import resolve

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)  # a traceback with locals would print text


@dataclass
class TimedTrainer:
    """A trainer and the seconds of its rounds."""

    trainer: Trainer
    characters_per_token: float
    seconds: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Train one round and record its time."""
        begun = perf_counter()
        self.trainer.train()
        self.seconds.append(perf_counter() - begun)

    def speed(self, tokens: int) -> dict[str, float]:
        """Return the median speed of the rounds, of ``tokens`` tokens each."""
        tokens_per_second = tokens / median(self.seconds)
        return {
            "tokens_per_second": round(tokens_per_second, 1),
            "characters_per_second": round(tokens_per_second * self.characters_per_token, 1),
        }


def compare_adaptation(
    settings: AdaptSettings, plain_model: str, *, steps: int, rounds: int, quiet: bool = False
) -> dict[str, Any]:
    """Return the speed of this package, the speed of stock peft and Trainer, and their ratio.

    Packing, rank, block size and dtype of the weights are the same. The ratio is of characters per second, because a
    smaller vocabulary needs more tokens for the same text.

    Args:
        settings: Settings of the adaptation.
        plain_model: The same model with its whole vocabulary, for stock peft and Trainer.
        steps: Steps in a round, at least 1.
        rounds: Rounds of each trainer, in turn, after one that does not count; at least 1.
        quiet: Show no progress bar.
    """
    texts = read_texts(settings.paths.train)
    short = settings.training.model_copy(update={"max_steps": steps})
    settings = settings.model_copy(update={"training": short})
    with tempfile.TemporaryDirectory() as folder:
        contenders = {
            "package": _package(settings, texts, Path(folder)),
            "plain": _plain(settings, plain_model, texts, Path(folder)),
        }
        for _ in tqdm(range(1 + rounds), desc="benchmark", unit="round", disable=quiet):
            for contender in contenders.values():
                contender.run()
    tokens = steps * short.batch_size * short.gradient_accumulation * short.block_size
    for contender in contenders.values():
        del contender.seconds[0]
    speeds = {name: contender.speed(tokens) for name, contender in contenders.items()}
    ratio = speeds["package"]["characters_per_second"] / speeds["plain"]["characters_per_second"]
    return {**speeds, "ratio": round(ratio, 2), "threads": torch.get_num_threads(), "steps": steps, "rounds": rounds}


def _package(settings: AdaptSettings, texts: list[str], folder: Path) -> TimedTrainer:
    model, tokenizer = open_for_adaptation(settings, Path(resolve(settings.paths.model)))
    documents = tokenize(texts, tokenizer)
    blocks = pack(documents, settings.training.block_size, padding=tokenizer.eos_token_id)
    trainer = make_trainer(model, blocks, settings.training, folder / "package", quiet=True)
    return TimedTrainer(trainer, _characters_per_token(texts, documents))


def _plain(settings: AdaptSettings, plain_model: str, texts: list[str], folder: Path) -> TimedTrainer:
    training = settings.training
    device = choose_device(training.device, quantize=False)
    base, tokenizer = open_causal_lm(Path(resolve(plain_model)), dtype=choose_dtype(training.dtype, device))
    documents = tokenize(texts, tokenizer)
    blocks = torch.from_numpy(pack(documents, training.block_size, padding=tokenizer.eos_token_id).inputs)
    arguments = TrainingArguments(
        output_dir=str(folder / "plain"),
        use_cpu=device == "cpu",
        seed=training.seed,
        max_steps=training.max_steps,
        per_device_train_batch_size=training.batch_size,
        gradient_accumulation_steps=training.gradient_accumulation,
        learning_rate=training.learning_rate,
        save_strategy="no",
        report_to="none",
        label_names=["labels"],
        dataloader_pin_memory=False,
        disable_tqdm=True,
    )
    trainer = Trainer(
        model=get_peft_model(base, lora_config(settings.lora)),
        args=arguments,
        train_dataset=[{"input_ids": block, "labels": block} for block in blocks],
        data_collator=default_data_collator,
    )
    for printer in (ProgressCallback, PrinterCallback):
        trainer.remove_callback(printer)
    return TimedTrainer(trainer, _characters_per_token(texts, documents))


def _characters_per_token(texts: list[str], documents: list[list[int]]) -> float:
    return sum(map(len, texts)) / sum(map(len, documents))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def main(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="Config of `spacy deid adapt`, such as configs/quick/adapt.cfg.")],
    plain_model: Annotated[str, typer.Option(help="The same model with its whole vocabulary: a directory.")],
    steps: Annotated[int, typer.Option(min=1, help="Steps in a round.")] = 4,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each trainer, in turn.")] = 5,
    output: Annotated[Path | None, typer.Option(help="JSON file for the result.")] = None,
    quiet: Quiet = False,
) -> None:
    """Compare adaptation with stock Trainer and peft on the uncut model; prints both speeds and their ratio.

    AdaptSettings of the config can be overridden, as in `spacy deid adapt`.

    Example: python -m spacy deid models assets/uncut --uncut, then
    python -m benchmarks.adapt configs/quick/adapt.cfg --plain-model assets/uncut/lm
    """
    overrides = parse_config_overrides(context.args)
    with reported_errors():
        result = compare_adaptation(
            read_settings(config, overrides), plain_model, steps=steps, rounds=rounds, quiet=quiet
        )
        if output is not None:
            write_json(output, result)
        for way in ("package", "plain"):
            msg.text(
                f"{way}: {result[way]['tokens_per_second']:.0f} tokens/s, "
                f"{result[way]['characters_per_second']:.0f} characters/s"
            )
        msg.good(f"{result['ratio']} times the characters per second of stock Trainer and peft")


if __name__ == "__main__":
    app()
