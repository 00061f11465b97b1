"""What an adaptation config may say."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from spacy_deid.config import Section, read_config
from spacy_deid.generate.modes import Mode

Share = Annotated[float, Field(ge=0, lt=1)]


class Paths(Section):
    """Where the input lies: DocBins of training and of held-out notes; the base model's directory or hub name."""

    train: Path
    dev: Path
    model: str


class Corpus(Section):
    """What the model sees of a note: see `spacy_deid.generate.modes.text_of`. lang: the language of the notes.

    ``public``: how many notes made of the language's templates it learns beside the training notes.
    """

    mode: Mode = "prefix"
    lang: str = ""
    public: NonNegativeInt = 0


class Lora(Section):
    """The low-rank change: W + alpha / rank * B A on every linear layer but the output head.

    ``quantize`` keeps the base in 4 bits (QLoRA, Dettmers et al. 2023), which needs a GPU and bitsandbytes.
    """

    rank: PositiveInt
    alpha: PositiveFloat
    dropout: Share
    quantize: bool


class Training(Section):
    """How long and how to train.

    One step takes ``batch_size * gradient_accumulation`` blocks of ``block_size`` tokens. ``max_steps`` (0: no bound)
    ends the training early. ``checkpoint_seconds``: the most that a kill costs, beside the step under way (0: each step
    leaves a checkpoint). ``held_out``: how many held-out notes the loss before and after is measured on (0: all).
    ``dtype`` "auto" is bfloat16 where the device computes in it. ``threads``: on a CPU; 0: OMP_NUM_THREADS or, without
    it, by a short trial. Results agree to the last bit in the same number of threads alone.
    """

    seed: NonNegativeInt
    threads: NonNegativeInt = 0
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
    checkpoint_seconds: NonNegativeFloat
    held_out: NonNegativeInt


class Privacy(Section):
    """Differential privacy, of a patient's notes together: at most ``epsilon`` with probability 1 - ``delta``.

    ``max_grad_norm``: the most that one patient may move a step.
    """

    epsilon: PositiveFloat
    delta: Annotated[float, Field(gt=0, lt=1)]
    max_grad_norm: PositiveFloat


class AdaptSettings(Section):
    """A whole adaptation config; ``vars`` is free for values that other settings interpolate.

    Without a section ``privacy`` there is no differential privacy.
    """

    vars: dict[str, Any] = Field(default_factory=dict)
    paths: Paths
    corpus: Corpus = Corpus()
    lora: Lora
    training: Training
    privacy: Privacy | None = None

    @model_validator(mode="after")
    def _public_notes_are_nobodys(self) -> "AdaptSettings":
        if self.privacy and self.corpus.public:
            msg = "corpus.public must be 0 beside a section privacy, whose steps draw patients"
            raise ValueError(msg)
        return self


def read_settings(path: Path, overrides: dict[str, Any] | None = None) -> AdaptSettings:
    """Return the settings in a config file; see `spacy_deid.config.read_config`."""
    return read_config(path, AdaptSettings, overrides)
