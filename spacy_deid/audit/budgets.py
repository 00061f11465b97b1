"""Leakage budgets: the maximum of each audit measure, and the check against it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from math import isnan
from pathlib import Path
from typing import Any

from wasabi.tables import table

from spacy_deid.errors import DeidError


@dataclass(frozen=True, slots=True)
class Budget:
    """The maximum (``limit``) of the figure at the dotted path ``measure`` of an audit, with texts for readers.

    optional: the reason why the figure may be missing from an audit; "" if it must not be missing.
    """

    measure: str
    limit: float
    title: str
    meaning: str
    reason: str
    optional: str = ""


def load_budgets(path: Path | None = None) -> list[Budget]:
    """Return the budgets of a TOML file, by default the package's; raises DeidError for a malformed file."""
    own = _read(files("spacy_deid.audit").joinpath("budgets.toml").read_text("utf8"), "budgets.toml")
    if path is None:
        return own
    budgets = _read(path.read_text("utf8"), str(path))
    optional = {budget.measure for budget in own if budget.optional}
    for budget in budgets:
        _check(budget, optional, path)
    return budgets


def _read(text: str, name: str) -> list[Budget]:
    try:
        budgets = [Budget(**entry) for entry in tomllib.loads(text)["budget"]]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise DeidError(
            f"{name} has no budgets ({type(error).__name__}). Remedy: [[budget]] with measure, limit, title, meaning "
            "and reason, as in spacy_deid/audit/budgets.toml."
        ) from error
    if not budgets:
        raise DeidError(f"{name} has no budget, so nothing would be refused. Remedy: give at least one [[budget]].")
    return budgets


def _check(budget: Budget, optional: set[str], path: Path) -> None:
    others = {name: value for name, value in asdict(budget).items() if name != "limit"}
    for name, value in others.items():
        if not isinstance(value, str):
            raise DeidError(
                f"{path}: the {name} {value!r} of a budget is not a string. Remedy: put it in quotation marks."
            )
    if isinstance(budget.limit, bool) or not isinstance(budget.limit, int | float) or isnan(budget.limit):
        raise DeidError(
            f"{path}: the limit of {budget.measure!r} is {budget.limit!r}, not a number. "
            "Remedy: limit = 0.01, unquoted."
        )
    if budget.optional and budget.measure not in optional:
        raise DeidError(
            f"{path}: {budget.measure!r} may not be optional; in spacy_deid/audit/budgets.toml only these are: "
            f"{', '.join(sorted(optional))}. Remedy: correct the measure, or leave out the key optional."
        )


def judge(audit: Mapping[str, Any], budgets: Sequence[Budget]) -> dict[str, Any]:
    """Compare an audit with budgets.

    Returns whether the audit is within all budgets, the measures over their budgets, and each budget with its figure.
    ``over`` of a budget is None if the audit has no figure for it. ``not_measured`` names the missing figures that are
    not optional; with any of these, no audit is within budget. Raises DeidError for a figure that is not a number.
    """
    rows = [_judged(audit, budget) for budget in budgets]
    over = [row["measure"] for row in rows if row["over"]]
    lacking = [row["measure"] for row in rows if row["over"] is None and not row["optional"]]
    return {"within_budget": not over and not lacking, "over": over, "not_measured": lacking, "budgets": rows}


def verdict_table(verdict: Mapping[str, Any]) -> str:
    """Return each budget with its figure and verdict, as lines of text."""
    marks = {True: "over", False: "within", None: "not measured"}
    rows = [(row["title"], row["value"], row["limit"], marks[row["over"]]) for row in verdict["budgets"]]
    return table(rows, header=("Measure", "Found", "Limit", "Budget"))


def objections(verdict: Mapping[str, Any]) -> str:
    """Return the exceeded budgets and the missing figures, in one line."""
    over = [row["title"] for row in verdict["budgets"] if row["over"]]
    kinds = {"Over budget": over, "Not measured": verdict["not_measured"]}
    return ". ".join(f"{said}: {', '.join(which)}" for said, which in kinds.items() if which)


def _judged(audit: Mapping[str, Any], budget: Budget) -> dict[str, Any]:
    value = _figure(audit, budget.measure)
    # not <=: NaN is over any limit
    return {**asdict(budget), "value": value, "over": None if value is None else not value <= budget.limit}


def _figure(audit: Mapping[str, Any], measure: str) -> float | None:
    value: Any = audit
    for part in measure.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is not None and not isinstance(value, int | float):
        raise DeidError(
            f"The audit's {measure} is {type(value).__name__}, not a number. Remedy: run `deid audit` again."
        )
    return value
