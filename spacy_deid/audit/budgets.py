"""Budgets: how much of each measure is borne, and which measures of an audit are over theirs."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from spacy_deid.errors import DeidError


@dataclass(frozen=True, slots=True)
class Budget:
    """The highest ``limit`` of the figure at the dotted path ``measure`` of an audit; the rest is for readers."""

    measure: str
    limit: float
    title: str
    meaning: str
    reason: str


def load_budgets(path: Path | None = None) -> list[Budget]:
    """Return the budgets of a TOML file, the package's own unless given; DeidError where it is not of their form."""
    name = str(path or "budgets.toml")
    try:
        text = path.read_text("utf8") if path else files("spacy_deid.audit").joinpath("budgets.toml").read_text("utf8")
        return [Budget(**entry) for entry in tomllib.loads(text)["budget"]]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise DeidError(
            f"{name} holds no budgets ({type(error).__name__}). Remedy: [[budget]] with measure, limit, title, meaning "
            "and reason, as in spacy_deid/audit/budgets.toml."
        ) from error


def judge(audit: Mapping[str, Any], budgets: Sequence[Budget]) -> dict[str, Any]:
    """Return whether an audit is within all budgets, which measures are over theirs, and each budget with its figure.

    ``over`` is None where the audit has not the measure, or found nothing that it could be taken of.
    """
    rows = [_judged(audit, budget) for budget in budgets]
    over = [row["measure"] for row in rows if row["over"]]
    return {"within_budget": not over, "over": over, "budgets": rows}


def _judged(audit: Mapping[str, Any], budget: Budget) -> dict[str, Any]:
    value: Any = audit
    for part in budget.measure.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return {**asdict(budget), "value": value, "over": None if value is None else value > budget.limit}
