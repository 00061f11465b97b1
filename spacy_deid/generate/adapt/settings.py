"""What an adaptation config may say."""

from pathlib import Path
from typing import Annotated, Any, Literal

from confection import ConfigValidationError
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
)
from spacy.util import load_config

from spacy_deid.errors import DeidError

Share = Annotated[float, Field(ge=0, lt=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Paths(_Section):
    """Where the input lies: DocBins of training and of held-out notes; the base model's directory or hub name."""

    train: Path
    dev: Path
    model: str


class Lora(_Section):
    """The low-rank change: W + alpha / rank * B A on every linear layer but the output head.

    ``quantize`` keeps the base in 4 bits (QLoRA, Dettmers et al. 2023), which needs a GPU and bitsandbytes.
    """

    rank: PositiveInt
    alpha: PositiveFloat
    dropout: Share
    quantize: bool


class Training(_Section):
    """How long and how to train.

    One step takes ``batch_size * gradient_accumulation`` blocks of ``block_size`` tokens. ``max_steps`` (0: no bound)
    ends the training early. ``checkpoint_steps``: steps between checkpoints. ``held_out``: how many held-out notes the
    loss before and after is measured on (0: all). ``dtype`` "auto" is bfloat16 where the device computes in it.
    """

    seed: NonNegativeInt
    device: Literal["auto", "cpu", "cuda"]
    dtype: Literal["auto", "bfloat16", "float32"]
    epochs: PositiveFloat
    max_steps: NonNegativeInt
    block_size: PositiveInt
    batch_size: PositiveInt
    gradient_accumulation: PositiveInt
    gradient_checkpointing: bool
    learning_rate: PositiveFloat
    warmup_ratio: Share
    checkpoint_steps: PositiveInt
    held_out: NonNegativeInt


class Settings(_Section):
    """A whole adaptation config; ``vars`` is free for values that other settings interpolate."""

    vars: dict[str, Any] = {}
    paths: Paths
    lora: Lora
    training: Training


def read_settings(path: Path, overrides: dict[str, Any] | None = None) -> Settings:
    """Return the settings in a spaCy config file, with ``overrides`` such as ``{"training.epochs": 2}`` applied.

    Raises DeidError for an absent or malformed file, an unknown or missing setting, and a value of the wrong kind.
    """
    if not path.is_file():
        raise DeidError(f"There is no config {path}. Remedy: name one, such as configs/quick/adapt.cfg.")
    try:
        config = load_config(path, overrides or {}, interpolate=True)
        return Settings.model_validate(dict(config))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise DeidError(f"Config {path}: {faults}. Remedy: correct or remove these settings.") from error
    except (ConfigValidationError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DeidError(f"Config {path} cannot be read: {reason}. Remedy: correct it.") from error
