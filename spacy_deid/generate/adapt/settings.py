"""The settings of an adaptation config, and their ranges."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from spacy_deid.config import Section, read_config
from spacy_deid.errors import DeidError
from spacy_deid.generate.modes import Mode

Share = Annotated[float, Field(ge=0, lt=1)]


class Paths(Section):
    """The inputs: DocBins of training and held-out notes, and the base model's directory or hub name.

    ``public``: for the mode "read", a DocBin of annotated notes to train on beside ``train``.
    """

    train: Path
    dev: Path
    model: str
    public: Path | None = None


class Corpus(Section):
    """The form of the notes: ``mode`` as in `spacy_deid.generate.modes.text_of`, and their language.

    In the mode "read" the model learns to find identifiers and not to write, see `spacy_deid.llm.adapt_reader`.
    ``public``: the number of template-generated notes that the model is trained on together with the training notes.
    """

    mode: Mode | Literal["read"] = "prefix"
    lang: str = ""
    public: NonNegativeInt = 0

    @property
    def text_mode(self) -> Mode:
        """The mode, which must be one in which the model writes."""
        if self.mode == "read":
            msg = "In the mode 'read' no text is written. Remedy: set corpus.mode to prefix, slots or inline."
            raise DeidError(msg)
        return self.mode


class Lora(Section):
    """The low-rank change: W + alpha / rank * B A on every linear layer but the output head.

    ``quantize`` keeps the base in 4 bits (QLoRA, Dettmers et al. 2023), which needs a GPU and bitsandbytes.
    """

    rank: PositiveInt
    alpha: PositiveFloat
    dropout: Share
    quantize: bool


class Training(Section):
    """The length and the hyperparameters of training.

    One step takes ``batch_size * gradient_accumulation`` blocks of ``block_size`` tokens; in the mode "read" a block is
    as many windows as fit. ``max_steps`` (0: no limit)
    ends the training early. ``checkpoint_seconds``: time between two checkpoints, the most that a kill can cost beside
    the current step (0: a checkpoint after each step). ``held_out``: number of held-out notes for the loss before and
    after (0: all). ``dtype`` "auto" is bfloat16 if the device computes in it. ``threads``: on a CPU; 0 is
    OMP_NUM_THREADS or, if that is not set, the result of a short trial. Results are identical to the last bit only with
    the same number of threads.
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


class Reading(Section):
    """For the mode "read": how often the held-out notes are read, and at which over-redaction recall is compared.

    The weights of the check with the highest character recall are kept. ``checks``: number of checks, the last after
    the last step. ``over_redaction``: the share of other characters that may be redacted.
    """

    checks: PositiveInt = 6
    over_redaction: Annotated[float, Field(gt=0, lt=1)] = 0.015


class Privacy(Section):
    """Differential privacy of all notes of a patient: at most ``epsilon`` with probability 1 - ``delta``.

    ``max_grad_norm``: maximum norm of one patient's gradient in a step.
    """

    epsilon: PositiveFloat
    delta: Annotated[float, Field(gt=0, lt=1)]
    max_grad_norm: PositiveFloat


class AdaptSettings(Section):
    """A whole adaptation config; ``vars`` may hold values that other settings interpolate.

    Without a section ``privacy`` there is no differential privacy.
    """

    vars: dict[str, Any] = Field(default_factory=dict)
    paths: Paths
    corpus: Corpus = Corpus()
    lora: Lora
    training: Training
    reading: Reading = Reading()
    privacy: Privacy | None = None

    @model_validator(mode="after")
    def _no_public_notes_with_privacy(self) -> "AdaptSettings":
        if self.privacy and self.corpus.public:
            msg = "corpus.public must be 0 beside a section privacy, whose steps draw patients"
            raise ValueError(msg)
        if self.corpus.mode == "read" and (self.privacy or self.corpus.public):
            msg = "corpus.mode = 'read' allows neither a section privacy nor corpus.public; set paths.public instead"
            raise ValueError(msg)
        return self


def read_settings(path: Path, overrides: dict[str, Any] | None = None) -> AdaptSettings:
    """Return the settings in a config file; see `spacy_deid.config.read_config`."""
    return read_config(path, AdaptSettings, overrides)
