"""The settings of template-generated notes."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from spacy_deid.config import Section, read_config

Share = Annotated[float, Field(ge=0, le=1)]


class NoiseRates(Section):
    """The rates of noise.

    ``clean``: the share of notes without noise. Each of the others draws a level, 1 on average, mostly below and
    sometimes far above. The first rates are per word of a note of level 1; ``abbreviations`` is per word that has an
    abbreviation, ``separators`` per number, ``shouted_lines`` per line. The last ones are shares of the notes that are
    not clean, at any level.
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
    """The properties of the notes of a corpus, apart from their number and language.

    ``composed``: the share of notes with several templates about the same patient. ``written``: the share of notes that
    people wrote, with other values, if the language has such notes; the rest is from templates.
    ``without_identifiers``: the least share of notes without identifiers. ``other_words``: the mean share of the
    longer words that are replaced by other words of the language. ``repeats``: the most notes that may differ only in
    values, digits and noise. ``quotas``: category of labels.toml -> its least share of the spans.
    """

    composed: Share
    written: Annotated[float, Field(ge=0, le=0.9)] = 0.0  # configs of earlier versions do not have it
    without_identifiers: Share
    other_words: Share
    repeats: PositiveInt
    quotas: dict[str, Share]
    noise: NoiseRates


class TemplateCorpus(Recipe):
    """The section ``[bootstrap]`` of a config, which keeps its first name.

    ``templates``: folder of the templates, None for those of the language pack. ``held_out``: the share of templates,
    and of notes, for dev.
    """

    lang: str
    notes: PositiveInt
    seed: NonNegativeInt
    templates: Path | None
    held_out: Annotated[float, Field(ge=0, lt=1)]


class TemplateConfig(Section):
    """A whole config; ``vars`` may hold values that other settings interpolate."""

    vars: dict[str, Any] = Field(default_factory=dict)
    bootstrap: TemplateCorpus


def read_settings(path: Path, overrides: dict[str, Any] | None = None) -> TemplateCorpus:
    """Return the settings in a config file; see `spacy_deid.config.read_config`."""
    return read_config(path, TemplateConfig, overrides).bootstrap
