"""The commands behind ``python -m spacy deid``: a few lines each, no logic."""

from spacy_deid.cli.app import app
from spacy_deid.cli.project import ProjectRun

__all__ = ["ProjectRun", "app"]
