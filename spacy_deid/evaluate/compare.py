"""Several systems on the same notes: accuracy, speed, memory and cost side by side."""

import multiprocessing
import resource
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, NonNegativeFloat, model_validator
from wasabi.tables import table

from spacy_deid.config import Section, read_config
from spacy_deid.evaluate.figures import comparison_plot
from spacy_deid.evaluate.measures import MEASURES
from spacy_deid.evaluate.metrics import Metrics
from spacy_deid.evaluate.run import evaluate_file
from spacy_deid.files import write_json, write_text
from spacy_deid.pages import figure, score

SHOWN = ("character_recall", "over_redaction", "fully_redacted", "strict_f1")
RESULT, PAGE, PLOT = "comparison.json", "comparison.md", "comparison.svg"
_MILLION = 1_000_000


class System(Section):
    """One of the systems.

    pipeline: directory or package of a pipeline, or a .spacy file of predictions made elsewhere, such as Presidio's.
    settings: changes to the pipeline's config, such as ``{"components.llm.model.bias": 2.0}``.
    model_alone: whether to leave out the pipeline's rules. operating_point: see ``deid_merge``.
    machine: row of the price table.
    """

    pipeline: str
    settings: dict[str, Any] = Field(default_factory=dict)
    model_alone: bool = False
    operating_point: str = ""
    machine: str


class Gold(Section):
    """The annotated notes, and their origin if they are not real."""

    path: Path
    made: str = ""
    seed: int = 0


class Prices(Section):
    """The price of an hour of each machine. The numbers are the user's: every table states them."""

    currency: str
    hour: dict[str, NonNegativeFloat]


class Comparison(Section):
    """A whole config; ``vars`` may hold values that other settings interpolate."""

    vars: dict[str, Any] = Field(default_factory=dict)
    gold: Gold
    prices: Prices
    systems: dict[str, System] = Field(min_length=1)

    @model_validator(mode="after")
    def _every_machine_has_a_price(self) -> "Comparison":
        missing = sorted({system.machine for system in self.systems.values()} - self.prices.hour.keys())
        if missing:
            msg = f"prices.hour has no row for {', '.join(missing)}"
            raise ValueError(msg)
        return self


def compare(config: Path, out: Path, overrides: dict[str, Any] | None = None, *, quiet: bool = False) -> dict[str, Any]:
    """Evaluate the systems of a config one after the other, each in a process of its own, and write the comparison.

    Args:
        config: See `Comparison`.
        out: Folder for a metrics file of each system, comparison.json, comparison.md and comparison.svg.
        overrides: Values in place of those of the config.
        quiet: Show no progress bar.

    Returns:
        The content of comparison.json.

    Raises:
        DeidError: The config is malformed, a machine has no price, or a system cannot be evaluated.
    """
    settings = read_config(config, Comparison, overrides)
    out.mkdir(parents=True, exist_ok=True)
    rows = {}
    for name, system in settings.systems.items():
        metrics, peak = _in_own_process(system, settings.gold, out / f"{name}.json", quiet)
        rows[name] = _row(metrics, peak, settings.prices.hour[system.machine])
    result = {"gold": metrics["gold"], "prices": settings.prices.model_dump(), "systems": rows}
    write_json(out / RESULT, result)
    write_text(out / PAGE, markdown(result), mode=0o644)
    write_text(out / PLOT, comparison_plot(rows), mode=0o644)
    return result


def _in_own_process(system: System, gold: Gold, out: Path, quiet: bool) -> tuple[Metrics, int]:
    """Return a system's metrics, and the peak memory of its process in bytes."""
    # a fresh process: the peak of memory is the system's own, and no model of another is in the caches
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_evaluated, (system, gold, out, quiet))


def _evaluated(system: System, gold: Gold, out: Path, quiet: bool) -> tuple[Metrics, int]:
    metrics = evaluate_file(
        system.pipeline,
        gold.path,
        out,
        made=gold.made,
        model_alone=system.model_alone,
        operating_point=system.operating_point,
        settings=system.settings,
        seed=gold.seed,
        quiet=quiet,
    )
    return metrics, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _row(metrics: Metrics, peak: int, price: float) -> dict[str, Any]:
    speed = metrics["speed"]
    seconds = speed["seconds"] / metrics["gold"]["notes"] if speed else None
    return {
        "model": metrics["model"],
        "scores": {name: metrics["scores"][name] for name in SHOWN},
        "words_per_second": speed["words_per_second"] if speed else None,
        "peak_memory": peak if speed else None,
        "cost_of_a_million_notes": None if seconds is None else round(_MILLION * seconds / 3600 * price, 2),
    }


def markdown(result: Mapping[str, Any]) -> str:
    """Return the comparison as a table in Markdown, with 95 % intervals over notes."""
    gold, prices = result["gold"], result["prices"]
    header = ["System", *(MEASURES[name].title for name in SHOWN), "Words/s", "Memory, MB"]
    header.append(f"{prices['currency']} a million notes")
    lines = [header, ["---"] * len(header), *(_cells(name, row) for name, row in result["systems"].items())]
    hours = ", ".join(f"{machine} {price:g}" for machine, price in prices["hour"].items())
    made = f" ({gold['made']})" if gold["made"] else ""
    return "\n".join(
        [
            f"{gold['notes']} notes with {gold['spans']} identifiers, {gold['words']} words{made}.",
            f"Prices of an hour in {prices['currency']}: {hours}.",
            "",
            *(f"| {' | '.join(line)} |" for line in lines),
            "",
        ]
    )


def terminal(result: Mapping[str, Any]) -> str:
    """Return the comparison as a table for the terminal, without intervals."""
    rows = [
        (name, *(score(row["scores"][measure]["value"]) for measure in SHOWN), _number(row["words_per_second"]))
        for name, row in result["systems"].items()
    ]
    header = ("System", *(MEASURES[name].title for name in SHOWN), "Words/s")
    return table(rows, header=header, divider=True, aligns=("l", *"rrrrr"))


def _cells(name: str, row: Mapping[str, Any]) -> list[str]:
    memory = row["peak_memory"]
    return [
        name,
        *(figure(found) for found in row["scores"].values()),
        _number(row["words_per_second"]),
        _number(memory and memory / _MILLION),
        _number(row["cost_of_a_million_notes"]),
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
