"""The settings of a config for notes made of templates."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from spacy_deid.config import Section, read_config

Share = Annotated[float, Field(ge=0, le=1)]


class NoiseRates(Section):
    """How badly notes are written.

    ``clean``: the share of notes that stay as the template has them. Each of the others draws a level, 1 on average,
    mostly below and at times far above. The first rates are per word of a note of level 1; ``abbreviations`` is per
    word that has one, ``separators`` per number, ``shouted_lines`` per line. The last are shares of the notes that are
    not clean, whatever their level.
    """

    clean: Share
    typos: NonNegativeFloat
    joined_words: NonNegativeFloat
    joined_sentences: NonNegativeFloat
    double_spaces: NonNegativeFloat
    line_breaks: NonNegativeFloat
    dropped_marks: NonNegativeFloat
    decimal_points: NonNegativeFloat
    abbreviations: NonNegativeFloat
    separators: NonNegativeFloat
    shouted_lines: NonNegativeFloat

    lower_names: Share
    upper_names: Share
    lower_case: Share
    upper_case: Share
    one_line: Share
    wrapped: Share
    no_diacritics: Share
    crlf: Share


class Recipe(Section):
    """What the notes of a corpus are like, whatever their number and language.

    ``composed``: the share of notes that hold several templates about the same patient. ``without_identifiers``: the
    least share of notes without any. ``other_words``: how many of the templates' longer words are replaced by others of
    the language, on average. ``repeats``: how many notes may be alike but for values, digits and noise.
    ``quotas``: category of labels.toml -> its least share of the spans.
    """

    composed: Share
    without_identifiers: Share
    other_words: Share
    repeats: PositiveInt
    quotas: dict[str, Share]
    noise: NoiseRates


class TemplateCorpus(Recipe):
    """What to make of which templates: the section ``[bootstrap]``, which keeps its first name.

    ``templates``: their folder, None for the package's own. ``held_out``: the share of templates, and of notes, that is
    kept for dev.
    """

    lang: str
    notes: PositiveInt
    seed: NonNegativeInt
    templates: Path | None
    held_out: Annotated[float, Field(ge=0, lt=1)]


class TemplateConfig(Section):
    """A whole config; ``vars`` is free for values that other settings interpolate."""

    vars: dict[str, Any] = Field(default_factory=dict)
    bootstrap: TemplateCorpus


def read_settings(path: Path, overrides: dict[str, Any] | None = None) -> TemplateCorpus:
    """Return the settings in a config file; see `spacy_deid.config.read_config`."""
    return read_config(path, TemplateConfig, overrides).bootstrap
