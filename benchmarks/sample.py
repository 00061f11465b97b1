"""Compares the speed of the fast engine with that of transformers' ``generate``, in one run on one machine."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Any

import torch
import typer
from tqdm import tqdm

from spacy_deid.cli.app import Quiet, msg, reported_errors
from spacy_deid.files import write_json
from spacy_deid.generate.causal_lm import load_causal_lm
from spacy_deid.generate.engines.fast import FastEngine
from spacy_deid.generate.engines.protocol import Engine, Prompt, Sampling
from spacy_deid.generate.engines.transformers import TransformersEngine

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)  # a traceback with locals would print text


def compare_sampling(
    model: str,
    adapter: str | None,
    prompt: str,
    *,
    batch_size: int,
    plain_batch_sizes: Sequence[int],
    notes: int,
    max_tokens: int,
    rounds: int,
    dtype: torch.dtype = torch.bfloat16,
    quiet: bool = False,
) -> dict[str, Any]:
    """Return the median tokens per second of both engines, and their ratio at the best of the plain batch sizes.

    Args:
        model: Directory of the language model.
        adapter: Directory of an adapter, or None.
        prompt: Beginning of every note.
        batch_size: Rows of one lane of the fast engine, at least 1.
        plain_batch_sizes: Batch sizes of transformers.
        notes: Notes sampled by each engine in a round, at least 1.
        max_tokens: Most tokens of a note, at least 1.
        rounds: Rounds of each engine, in turn, at least 1.
        dtype: Type of the weights.
        quiet: Show no progress bar.
    """
    sampling = Sampling(max_tokens=max_tokens)
    # two copies of the weights: the fast engine changes its model's attention
    engines: dict[str, Engine] = {"fast": FastEngine(*load_causal_lm(model, adapter, dtype=dtype), batch_size)}
    plain = load_causal_lm(model, adapter, dtype=dtype)
    engines |= {f"transformers, batch {size}": TransformersEngine(*plain, size) for size in plain_batch_sizes}
    speeds: dict[str, list[float]] = {name: [] for name in engines}
    for number in tqdm(range(rounds), desc="benchmark", unit="round", disable=quiet):
        prompts = [Prompt(prompt, seed=number * notes + note) for note in range(notes)]
        for name, engine in engines.items():
            speeds[name].append(_tokens_per_second(engine, prompts, sampling))
    best = max((name for name in speeds if name != "fast"), key=lambda name: median(speeds[name]))
    return {
        "tokens_per_second": {name: round(median(of_engine), 1) for name, of_engine in speeds.items()},
        "best_plain": best,
        "ratio": round(median(speeds["fast"]) / median(speeds[best]), 2),
        "ratios": [round(fast / plain, 2) for fast, plain in zip(speeds["fast"], speeds[best], strict=True)],
        "notes": notes,
        "max_tokens": max_tokens,
        "threads": torch.get_num_threads(),
        "dtype": str(dtype).removeprefix("torch."),
    }


def _tokens_per_second(engine: Engine, prompts: Sequence[Prompt], sampling: Sampling) -> float:
    begun = perf_counter()
    sampled = sum(completion.tokens for completion in engine.generate(prompts, sampling))
    return sampled / (perf_counter() - begun)


@app.command()
def main(
    model: Annotated[str, typer.Argument(help="The language model's directory.")],
    adapter: Annotated[str | None, typer.Option(help="Adapter to merge into it.")] = None,
    prompt: Annotated[str, typer.Option(help="Beginning of every note.")] = "",
    batch_size: Annotated[int, typer.Option(min=1, help="Rows of one lane of the fast engine.")] = 64,
    plain_batch_size: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Batch size of transformers; may be repeated. [default: 8 16 32 64]"),
    ] = None,
    notes: Annotated[int, typer.Option(min=1, help="Notes to sample in a round.")] = 64,
    max_tokens: Annotated[int, typer.Option(min=1, help="Most tokens of a note.")] = 512,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each engine, in turn.")] = 3,
    output: Annotated[Path | None, typer.Option(help="JSON file for the result.")] = None,
    quiet: Quiet = False,
) -> None:
    """Compare the fast engine with transformers' `generate` at the best of several batch sizes.

    Example: python -m benchmarks.sample assets/models/lm --adapter training/es/adapter --prompt "Nombre:"
    """
    with reported_errors():
        result = compare_sampling(
            model,
            adapter,
            prompt,
            batch_size=batch_size,
            plain_batch_sizes=plain_batch_size or [8, 16, 32, 64],
            notes=notes,
            max_tokens=max_tokens,
            rounds=rounds,
            quiet=quiet,
        )
        if output is not None:
            write_json(output, result)
        for name, speed in result["tokens_per_second"].items():
            msg.text(f"{name}: {speed:.0f} tokens/s")
        msg.good(f"{result['ratio']} times the tokens per second of {result['best_plain']}")


if __name__ == "__main__":
    app()
