"""Measures the cost of `apply` over the pipeline alone, and the gain of more processes, on the same texts."""

import gc
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from spacy.language import Language
from tqdm import tqdm

from spacy_deid.apply.inputs import input_files
from spacy_deid.apply.run import apply
from spacy_deid.apply.settings import Settings
from spacy_deid.cli.app import Quiet, msg, reported_errors
from spacy_deid.errors import DeidError
from spacy_deid.files import read_utf8, write_json
from spacy_deid.pipelines import load_pipeline

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)  # a traceback with locals would print text


class Seconds(NamedTuple):
    """wall: elapsed time. cpu: CPU time of this process, on which other programs have little influence."""

    wall: float
    cpu: float


def compare_apply(
    model: str | Path, source: Path, settings: Settings | None = None, *, processes: int, rounds: int, quiet: bool
) -> dict[str, Any]:
    """Time ``nlp.pipe`` alone, `apply` in one process and, unless ``processes`` is 1, in several, in turns.

    Args:
        model: Directory or package of a pipeline.
        source: Folder of .txt files.
        settings: Settings of `apply`.
        processes: Number of processes, at least 1.
        rounds: Number of rounds, of which the fastest counts, at least 1.
        quiet: Show no progress bar.

    Returns:
        Seconds, and the ratios "apply_to_pipe" (of CPU time, including writing files) and "processes_to_one" (speed-up
        in elapsed time, including starting the processes).

    Raises:
        DeidError: There is no .txt file, or the pipeline cannot be loaded.
    """
    settings = settings or Settings()
    texts = [read_utf8(source / name) for name in input_files(source, source / "none") if name.endswith(".txt")]
    if not texts:
        raise DeidError(f"{source} holds no .txt file. Remedy: name a folder of notes.")
    nlp = load_pipeline(model)
    ways: dict[str, Callable[[], object]] = {
        "pipe": lambda: _piped(nlp, texts),
        "apply": lambda: _applied(nlp, source, replace(settings, processes=1)),
    }
    if processes > 1:
        ways["processes"] = lambda: _applied(nlp, source, replace(settings, processes=processes))
    taken: dict[str, list[Seconds]] = {way: [] for way in ways}
    with tqdm(total=rounds * len(ways), desc="benchmark", disable=quiet) as bar:
        for _ in range(rounds):
            for way, run in ways.items():
                taken[way].append(_timed(run))
                bar.update()
    return _result(taken, len(texts), processes)


def _result(taken: dict[str, list[Seconds]], documents: int, processes: int) -> dict[str, Any]:
    best = {way: Seconds(*(min(some) for some in zip(*rounds, strict=True))) for way, rounds in taken.items()}
    result: dict[str, Any] = {
        "documents": documents,
        "processes": processes,
        "seconds": {way: [each._asdict() for each in rounds] for way, rounds in taken.items()},
        "apply_to_pipe": round(best["apply"].cpu / best["pipe"].cpu, 3),
    }
    if processes > 1:
        result["processes_to_one"] = round(best["apply"].wall / best["processes"].wall, 3)
    return result


def _timed(run: Callable[[], object]) -> Seconds:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Seconds(round(time.perf_counter() - wall, 3), round(time.process_time() - cpu, 3))


def _piped(nlp: Language, texts: list[str]) -> None:
    with nlp.memory_zone():
        for _ in nlp.pipe(texts):
            pass


def _applied(nlp: Language, source: Path, settings: Settings) -> None:
    with tempfile.TemporaryDirectory() as folder:
        apply(nlp, source, Path(folder, "out"), settings, quiet=True)


@app.command()
def main(
    model: Annotated[str, typer.Argument(help="An installed package such as deid_sv, or a pipeline's directory.")],
    source: Annotated[Path, typer.Argument(metavar="IN", help="A folder of .txt files.")],
    policy: Annotated[str | None, typer.Option(help="As for `spacy deid apply`.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Number of processes to compare with one.")] = 2,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each variant, in turn; the fastest counts.")] = 3,
    output: Annotated[Path | None, typer.Option(help="JSON file for the result.")] = None,
    quiet: Quiet = False,
) -> None:
    """Compare `apply` with the pipeline alone, and several processes with one, on the same texts.

    Example: OMP_NUM_THREADS=1 python -m benchmarks.apply deid_sv notes
    """
    with reported_errors():
        result = compare_apply(model, source, Settings(policy=policy), processes=processes, rounds=rounds, quiet=quiet)
        if output is not None:
            write_json(output, result)
        msg.good(f"apply takes {result['apply_to_pipe']} times the CPU time of nlp.pipe alone")
        if processes > 1:
            msg.good(f"{processes} processes are {result['processes_to_one']} times as fast as one")


if __name__ == "__main__":
    app()
