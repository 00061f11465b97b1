"""Policies: the mode of redaction for each category, read from a TOML file."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from spacy_deid.errors import DeidError
from spacy_deid.labels import categories, category_of, known_labels
from spacy_deid.redact.replacer import MODES, Replacer, make_replacer

_PARTS = ("default", "categories", "settings")
_SHIPPED = files("spacy_deid.redact").joinpath("policies")


@dataclass(frozen=True, slots=True)
class Policy:
    """A mode for each category, and the settings of modes.

    modes: category -> mode. default: for categories missing in ``modes`` and labels missing in labels.toml; never
    "keep". settings: mode -> the fields of its replacer.
    """

    name: str
    modes: Mapping[str, str]
    default: str
    settings: Mapping[str, Mapping[str, Any]]

    def mode(self, label: str) -> str:
        """Return the mode for a corpus label."""
        return self.modes.get(category_of(label), self.default) if label in known_labels() else self.default

    def replacers(self) -> dict[str, Replacer]:
        """Make the replacers that the policy needs; DeidError if a setting of one is wrong."""
        used = {*self.modes.values(), self.default}
        return {
            mode: make_replacer(mode, self.settings.get(mode, {}), f"Policy {self.name}")
            for mode in MODES
            if mode in used
        }


def policy_of(mode: str) -> Policy:
    """Return the policy with the name of a mode, else a policy of this mode for every category."""
    if mode not in MODES:
        raise DeidError(f"There is no mode {mode!r}. Remedy: use one of {', '.join(MODES)}.")
    if mode in shipped_policies():
        return read_policy(mode)
    return Policy(mode, dict.fromkeys(categories(), mode), "mask" if mode == "keep" else mode, {})


def shipped_policies() -> list[str]:
    """Return the names of the policies that come with the package."""
    return sorted(file.name.removesuffix(".toml") for file in _SHIPPED.iterdir() if file.name.endswith(".toml"))


def read_policy(name_or_path: str) -> Policy:
    """Return the package's policy of that name, else that of the file; DeidError if it is missing or wrong.

    A file has ``default`` ("mask" unless given), a table ``[categories]`` of category = "mode", and tables
    ``[settings.<mode>]``.
    """
    shipped = name_or_path in shipped_policies()
    file = _SHIPPED.joinpath(f"{name_or_path}.toml") if shipped else Path(name_or_path)
    try:
        table = tomllib.loads(file.read_text("utf8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeidError(f"Policy {name_or_path} is not TOML in UTF-8: {error}") from None
    except (OSError, ValueError):  # ValueError: a NUL in the path
        raise DeidError(
            f"There is no policy {name_or_path!r}. Remedy: name a file, or one of {', '.join(shipped_policies())}."
        ) from None
    return _policy(name_or_path, table)


def _policy(name: str, table: Mapping[str, Any]) -> Policy:
    _check_names(name, "part", table, _PARTS)
    modes, settings = (_table(name, table, part) for part in ("categories", "settings"))
    _check_names(name, "category", modes, categories())
    _check_names(name, "mode", settings, MODES)
    default = table.get("default", "mask")
    for category, mode in {"default": default, **modes}.items():
        if not isinstance(mode, str) or mode not in MODES:
            raise DeidError(
                f"Policy {name}: {category} = {mode!r} is not a mode. Remedy: use one of {', '.join(MODES)}."
            )
    if default == "keep":
        raise DeidError(
            f"Policy {name}: default = 'keep' would leave unknown labels in the text. Remedy: name each category "
            "to keep."
        )
    return Policy(name, modes, default, {mode: _table(name, settings, mode) for mode in settings})


def _table(name: str, table: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    found = table.get(part, {})
    if not isinstance(found, dict):
        raise DeidError(
            f"Policy {name}: {part} = {found!r} is not a table. Remedy: write [{part}] and its entries below it."
        )
    return found


def _check_names(name: str, kind: str, table: Mapping[str, Any], allowed: Iterable[str]) -> None:
    unknown = sorted(set(table) - set(allowed))
    if unknown:
        raise DeidError(f"Policy {name}: there is no {kind} {unknown[0]!r}. Remedy: use {', '.join(allowed)}.")
