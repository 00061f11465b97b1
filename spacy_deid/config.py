"""Config files in spaCy's format, checked against a model of their settings."""

from pathlib import Path
from typing import Any, TypeVar

from confection import ConfigValidationError
from pydantic import BaseModel, ConfigDict, ValidationError
from spacy.util import load_config

from spacy_deid.errors import DeidError


class Section(BaseModel):
    """A section of a config file; an unknown setting is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Schema = TypeVar("Schema", bound=BaseModel)


def read_config(path: Path, schema: type[Schema], overrides: dict[str, Any] | None = None) -> Schema:
    """Return the settings in a config file.

    Args:
        path: The config file.
        schema: The model of its settings.
        overrides: Values in place of those of the file, such as ``{"training.epochs": 2}``.

    Raises:
        DeidError: For an absent or malformed file, an unknown or missing setting, and a value of the wrong type.
    """
    if not path.is_file():
        raise DeidError(f"There is no config {path}. Remedy: name one, such as those in configs/quick.")
    try:
        return schema.model_validate(dict(load_config(path, overrides or {}, interpolate=True)))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise DeidError(f"Config {path}: {faults}. Remedy: correct or remove these settings.") from error
    except (ConfigValidationError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DeidError(f"Config {path} cannot be read: {reason}. Remedy: correct it.") from error


def checked(schema: type[Schema], values: dict[str, Any], where: str) -> Schema:
    """Return the checked settings of a component.

    Args:
        schema: The model of the settings.
        values: The settings by their names.
        where: The component's name, for the error.

    Raises:
        DeidError: For settings out of range; it names each with its value. If several settings contradict each other,
            it has the message of the schema's validator.
    """
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(map(_fault, error.errors()))
        raise DeidError(f"{where}: {faults}. Remedy: correct the component's settings.") from None


def _fault(fault: Any) -> str:
    names = ".".join(map(str, fault["loc"]))
    return f"{names} is {fault['input']} ({fault['msg']})" if names else str(fault["msg"]).removeprefix("Value error, ")
