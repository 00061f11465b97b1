"""Jinja templates of the package, and figures as text, for reports and tables. Imports jinja2."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

NOTHING = "–"


def read_template(package: str, name: str, **filters: Callable[..., str]) -> Template:
    """Return the template ``name`` of a package. Values are escaped in HTML, and a missing value is an error."""
    environment = Environment(
        loader=PackageLoader(package, "."),
        autoescape=select_autoescape(["html.jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters
    return environment.get_template(name)


def score(value: float | None) -> str:
    """Write a score to four digits, as the task's official script does."""
    return NOTHING if value is None else f"{value:.4f}"


def interval(row: Mapping[str, Any]) -> str:
    """Write the ends of a row's 95 % interval."""
    return NOTHING if row["low"] is None else f"{row['low']:.4f} to {row['high']:.4f}"


def signed(value: float | None) -> str:
    """Write a difference of two scores with its sign."""
    return NOTHING if value is None else f"{value:+.4f}"


def signed_interval(row: Mapping[str, Any]) -> str:
    """Write the ends of a difference's 95 % interval with their signs."""
    return NOTHING if row["low"] is None else f"{row['low']:+.4f} to {row['high']:+.4f}"


def percent(value: float | None) -> str:
    """Write a share as a percentage."""
    return NOTHING if value is None else f"{100 * value:.1f} %"


def figure(row: Mapping[str, Any], sign: bool = False) -> str:
    """Write a value in [-1, 1] with its interval: ``0.945 [0.931, 0.958]``; an undefined value is a dash."""
    if row["value"] is None:
        return NOTHING
    shape = "{:+.3f}" if sign else "{:.3f}"
    value, low, high = (shape.format(row[name]) for name in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"
