"""The commands behind ``python -m spacy deid``: a few lines each, without logic.

Each module adds its commands to ``app`` when it is imported.
"""

from spacy_deid.cli import apply, audit, corpus, evaluate, lm, release, review, vault
from spacy_deid.cli.app import app
from spacy_deid.cli.project import ProjectRun

__all__ = ["ProjectRun", "app", "apply", "audit", "corpus", "evaluate", "lm", "release", "review", "vault"]
